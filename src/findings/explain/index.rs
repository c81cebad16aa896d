//! What belongs to a question, a variable or a source, looked up rather than searched for: a dossier may have a million disputes.

use crate::buckets::Buckets;
use crate::claims::dossier::Dossier;
use crate::findings::engine::Engine;
use crate::findings::reconcile::Findings;
use crate::sets::linear::VariableId;

/// Places in the dossier's and the network's lists. O(n) to make.
#[derive(Debug)]
pub(super) struct Index {
    claims_by_question: Buckets,
    links_by_question: Buckets,
    statements_by_variable: Buckets,
    statements_by_source: Buckets,
    questions_by_component: Buckets,
    component_by_question: Vec<usize>,
}

impl Index {
    pub(super) fn new(findings: &Findings) -> Self {
        let engine: &Engine = &findings.engine;
        let dossier: &Dossier = &engine.dossier;
        let questions = dossier.questions.len();
        let resolved = &dossier.resolved;
        let statements = engine.compiled.statements.iter().enumerate();
        let members = findings
            .components
            .iter()
            .enumerate()
            .flat_map(|(c, found)| {
                let places = found.questions.iter();
                places.filter_map(move |q| Some((c, dossier.question_place(q.as_str())?)))
            });
        let members: Vec<(usize, usize)> = members.collect();
        let mut component_by_question = vec![0; questions];
        for (c, q) in &members {
            if let Some(slot) = component_by_question.get_mut(*q) {
                *slot = *c;
            }
        }
        Self {
            claims_by_question: Buckets::new(
                questions,
                resolved
                    .claims
                    .iter()
                    .enumerate()
                    .map(|(i, c)| (c.question, i)),
            ),
            links_by_question: Buckets::new(
                questions,
                resolved
                    .links
                    .iter()
                    .enumerate()
                    .flat_map(|(i, l)| l.names.iter().map(move |q| (*q, i))),
            ),
            statements_by_variable: Buckets::new(
                engine.compiled.variables.len(),
                statements.clone().map(|(i, s)| (s.variable.index(), i)),
            ),
            statements_by_source: Buckets::new(
                dossier.sources.len(),
                statements.map(|(i, s)| (s.source, i)),
            ),
            questions_by_component: Buckets::new(
                findings.components.len(),
                members.iter().copied(),
            ),
            component_by_question,
        }
    }

    /// The component that a question is in.
    pub(super) fn component(&self, question: usize) -> usize {
        self.component_by_question
            .get(question)
            .copied()
            .unwrap_or(0)
    }

    /// The questions of a component.
    pub(super) fn questions(&self, component: usize) -> &[usize] {
        self.questions_by_component.of(component)
    }

    /// The claims on a question, ascending.
    pub(super) fn claims(&self, question: usize) -> &[usize] {
        self.claims_by_question.of(question)
    }

    /// The links that name a question, ascending.
    pub(super) fn links(&self, question: usize) -> &[usize] {
        self.links_by_question.of(question)
    }

    /// The statements on a variable, ascending.
    pub(super) fn statements_on(&self, variable: VariableId) -> &[usize] {
        self.statements_by_variable.of(variable.index())
    }

    /// The statements of a source, ascending.
    pub(super) fn statements_of(&self, source: usize) -> &[usize] {
        self.statements_by_source.of(source)
    }
}
