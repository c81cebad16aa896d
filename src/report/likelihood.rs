//! How sure, in the words of ICD 203 and in figures. The table is in the documentation of [`crate::report`].

/// The word for a chance as it is printed, so that one figure never has two words.
pub(crate) fn word(chance: f64) -> &'static str {
    match (chance * 100.0).round() / 100.0 {
        p if p < 0.05 => "almost no chance",
        p if p < 0.20 => "very unlikely",
        p if p < 0.45 => "unlikely",
        p if p <= 0.55 => "roughly even",
        p if p <= 0.80 => "likely",
        p if p <= 0.95 => "very likely",
        _ => "almost certain",
    }
}

/// The word for how far something is established, given also how far it is left standing. No word of likelihood where the one says
/// little and the other nothing.
pub(crate) fn standing(belief: f64, plausibility: f64) -> &'static str {
    if belief < 0.45 && plausibility >= 0.95 {
        "little support"
    } else {
        word(belief)
    }
}

/// The figure of a chance: two digits, three near the ends, and never a 0 or 1 that is not one.
pub(crate) fn figure(chance: f64) -> String {
    const NOTHING: f64 = 1e-12;
    match chance {
        p if p <= NOTHING => "0".to_owned(),
        p if p >= 1.0 - NOTHING => "1".to_owned(),
        p if p < 0.0005 => "<0.001".to_owned(),
        p if p > 0.9995 => ">0.999".to_owned(),
        p if !(0.005..0.995).contains(&p) => format!("{p:.3}"),
        p => format!("{p:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_the_less_bold_word() {
        let words = [0.0, 0.05, 0.2, 0.45, 0.55, 0.8, 0.95, 1.0].map(word);
        assert_eq!(
            words,
            [
                "almost no chance",
                "very unlikely",
                "unlikely",
                "roughly even",
                "roughly even",
                "likely",
                "very likely",
                "almost certain"
            ]
        );
    }

    #[test]
    fn the_word_follows_the_printed_figure() {
        assert_eq!(
            (figure(0.9503), word(0.9503)),
            ("0.95".to_owned(), "very likely")
        );
        assert_eq!(
            (figure(0.551), word(0.551)),
            ("0.55".to_owned(), "roughly even")
        );
    }

    #[test]
    fn a_figure_is_certain_only_if_it_is() {
        let figures = [0.0, 1e-9, 0.0026, 0.0261, 0.4271, 0.9959, 0.999_99, 1.0].map(figure);
        assert_eq!(
            figures,
            [
                "0", "<0.001", "0.003", "0.03", "0.43", "0.996", ">0.999", "1"
            ]
        );
    }

    #[test]
    fn a_lone_weak_claim_is_not_called_unlikely() {
        assert_eq!(standing(0.25, 1.0), "little support");
        assert_eq!(standing(0.25, 0.5), "unlikely");
    }
}
