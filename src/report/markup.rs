//! Markup that is balanced and escaped by the way it is made: elements are closed where they were opened, and text is data.

use super::page::plain;

/// HTML or SVG under construction. Well-formed as XML too, but for the document type.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    out: String,
}

/// Attributes of an element: names are ours, values are data.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An element with what is inside.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        self.out.push('>');
        inside(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with nothing inside.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
        self.out.push_str("/>");
    }

    /// An element with text inside.
    pub(crate) fn tagged(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |m| m.text(text));
    }

    /// Text, on one line and without characters that steer how other text is drawn.
    pub(crate) fn text(&mut self, text: &str) {
        let (before, after) = (
            text.starts_with(char::is_whitespace),
            text.ends_with(char::is_whitespace),
        );
        let plain = plain(text, usize::MAX);
        if before {
            self.out.push(' ');
        }
        for c in plain.chars() {
            self.escape(c);
        }
        if after && !plain.is_empty() {
            self.out.push(' ');
        }
    }

    /// Text of this crate, never of a dossier: a style sheet.
    pub(crate) fn own(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    pub(crate) fn newline(&mut self) {
        self.out.push('\n');
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            for c in value.chars() {
                self.attribute(c);
            }
            self.out.push('"');
        }
    }

    fn escape(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\'' => self.out.push_str("&#39;"),
            // Neither can stand in XML, nor be referred to there.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                self.out.push('\u{fffd}');
            }
            _ => self.out.push(c),
        }
    }

    /// A character of an attribute's value, kept as it is wherever markup can hold it: ids are compared.
    fn attribute(&mut self, c: char) {
        match c {
            '\t' | '\n' | '\r' | '`' | '=' => self.reference(c),
            _ if !c.is_control() && super::page::steers(c) => self.reference(c),
            _ => self.escape(c),
        }
    }

    fn reference(&mut self, c: char) {
        self.out.extend([format!("&#{};", u32::from(c))]);
    }
}

/// An address that may become a link: of the web, and without anything that a browser would read otherwise than a person.
pub(crate) fn web(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let known = ["http", "https"]
        .iter()
        .any(|s| s.eq_ignore_ascii_case(scheme));
    let plain = !rest.is_empty()
        && rest
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !super::page::steers(c) && c != '\\');
    (known && plain && !host(address).is_empty()).then_some(address)
}

/// The host of an address, which says whose page it is.
pub(crate) fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_data() {
        let mut m = Markup::new();
        m.element("p", &[("title", "\"><script>\n\u{202e}")], |m| {
            m.text("</p><script>alert('1')\u{1b}\u{202e}&");
        });
        assert_eq!(
            m.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;&#10;&#8238;\">&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;) &amp;</p>"
        );
    }

    #[test]
    fn only_the_web_is_linked() {
        assert!(web("https://example.org/a?b=c").is_some());
        assert!(web("HTTP://example.org").is_some());
        for bad in [
            "javascript:alert(1)//://x",
            "data:text/html,x",
            "//example.org",
            "https://",
            "https://a b",
            "java\nscript://x",
            "ftp://example.org",
            "https:///path",
        ] {
            assert!(web(bad).is_none(), "{bad}");
        }
        assert_eq!(host("https://bbc.com@evil.example:80/x"), "evil.example:80");
    }
}
