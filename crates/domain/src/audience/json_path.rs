//! Values at paths of a JSON text, without building a tree of it.
//!
//! What nobody asks for is skipped byte by byte. A path goes into objects by name; on its way it goes into every item of
//! a list. Of a name that stands twice in an object the last holds, as in `serde_json`. A text that is no JSON gives what
//! could be read of it: properties in the store were checked when they came in.

use std::borrow::Cow;

/// Paths that are asked for together.
#[derive(Debug, Clone)]
pub(super) struct PathSet {
    nodes: Vec<PathNode>,
}

#[derive(Debug, Clone, Default)]
struct PathNode {
    children: Vec<(Box<str>, usize)>,
    leaf: Option<u32>,
    /// Every leaf at or under this node.
    below: Vec<u32>,
}

/// The text of a value that was found, and which path it is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub leaf: u32,
    pub raw: &'a str,
}

impl Default for PathSet {
    fn default() -> Self {
        Self { nodes: vec![PathNode::default()] }
    }
}

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 64;

impl PathSet {
    /// Asks for the values at `path`, whose steps are parted by dots.
    pub(super) fn add(&mut self, path: &str, leaf: u32) {
        let mut node = 0;
        self.note(node, leaf);
        for step in path.split('.') {
            let known = self.nodes[node].children.iter().find(|(name, _)| **name == *step).map(|(_, n)| *n);
            node = known.unwrap_or_else(|| {
                let new = self.nodes.len();
                self.nodes.push(PathNode::default());
                self.nodes[node].children.push((step.into(), new));
                new
            });
            self.note(node, leaf);
        }
        self.nodes[node].leaf = Some(leaf);
    }

    fn note(&mut self, node: usize, leaf: u32) {
        if !self.nodes[node].below.contains(&leaf) {
            self.nodes[node].below.push(leaf);
        }
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes[0].children.is_empty()
    }

    /// Finds every value that is asked for, in the order of the text.
    pub(super) fn find<'a>(&self, json: &'a str, out: &mut Vec<Found<'a>>) {
        if !self.is_empty() {
            let mut reader = Reader { text: json, at: 0 };
            self.walk(0, &mut reader, out, 0);
        }
    }

    /// Reads one value; `None` when the text ends or is no JSON.
    fn walk<'a>(&self, node: usize, r: &mut Reader<'a>, out: &mut Vec<Found<'a>>, depth: usize) -> Option<()> {
        r.blanks();
        let inside = !self.nodes[node].children.is_empty() && depth < MAX_DEPTH;
        let start = r.at;
        match r.peek()? {
            b'{' if inside => self.object(node, r, out, depth)?,
            b'[' if inside => {
                r.at += 1;
                while r.item(b']')? {
                    // A list in a list holds no names.
                    r.blanks();
                    if r.peek()? == b'{' {
                        self.object(node, r, out, depth + 1)?;
                    } else {
                        r.skip()?;
                    }
                }
            }
            _ => r.skip()?,
        }
        if let Some(leaf) = self.nodes[node].leaf {
            out.push(Found { leaf, raw: &r.text[start..r.at] });
        }
        Some(())
    }

    fn object<'a>(&self, node: usize, r: &mut Reader<'a>, out: &mut Vec<Found<'a>>, depth: usize) -> Option<()> {
        let began = out.len();
        r.at += 1;
        while r.item(b'}')? {
            let name = r.name()?;
            match self.nodes[node].children.iter().find(|(child, _)| **child == *name) {
                Some((_, child)) => {
                    let below = &self.nodes[*child].below;
                    if out.len() > began && out[began..].iter().any(|f| below.contains(&f.leaf)) {
                        let mut kept = began;
                        for i in began..out.len() {
                            if !below.contains(&out[i].leaf) {
                                out[kept] = out[i];
                                kept += 1;
                            }
                        }
                        out.truncate(kept);
                    }
                    self.walk(*child, r, out, depth + 1)?;
                }
                None => {
                    r.blanks();
                    r.skip()?;
                }
            }
        }
        Some(())
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Moves to the next item of a list or object; false at its end, which is passed.
    fn item(&mut self, end: u8) -> Option<bool> {
        self.blanks();
        if self.peek()? == b',' {
            self.at += 1;
            self.blanks();
        }
        if self.peek()? == end {
            self.at += 1;
            return Some(false);
        }
        Some(true)
    }

    fn name(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        (self.peek()? == b'"').then_some(())?;
        self.string()?;
        let raw = &self.text[start..self.at];
        self.blanks();
        (self.peek()? == b':').then_some(())?;
        self.at += 1;
        Some(text_of(raw))
    }

    /// Passes a string whose opening quote is next.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let n = rest.iter().position(|b| *b == b'"' || *b == b'\\')?;
            self.at += n + 1;
            if rest[n] == b'"' {
                return Some(());
            }
            // The character behind a backslash is ASCII in JSON.
            self.at += 1;
        }
    }

    /// Passes one value.
    fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' | b'[' => {
                let mut open = 0_usize;
                loop {
                    match self.peek()? {
                        b'"' => {
                            self.string()?;
                            continue;
                        }
                        b'{' | b'[' => open += 1,
                        b'}' | b']' => open -= 1,
                        _ => {}
                    }
                    self.at += 1;
                    if open == 0 {
                        return Some(());
                    }
                }
            }
            b',' | b':' | b'}' | b']' => None,
            _ => {
                while self.peek().is_some_and(|b| !b",]} \n\r\t".contains(&b)) {
                    self.at += 1;
                }
                Some(())
            }
        }
    }
}

/// The text of a JSON string with its quotes; borrowed when nothing is escaped.
pub(super) fn text_of(raw: &str) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    if inner.contains('\\') {
        serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

/// The items of a JSON list, each as its text; none when it is no list.
pub(super) fn items(raw: &str) -> impl Iterator<Item = &str> {
    let mut r = Reader { text: raw, at: 0 };
    r.blanks();
    let mut more = r.peek() == Some(b'[');
    r.at += 1;
    std::iter::from_fn(move || {
        more = more && r.item(b']') == Some(true);
        if !more {
            return None;
        }
        let start = r.at;
        more = r.skip().is_some();
        more.then(|| &r.text[start..r.at])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn find(json: &str, paths: &[&str]) -> Vec<(u32, String)> {
        let mut set = PathSet::default();
        for (i, p) in paths.iter().enumerate() {
            set.add(p, i as u32);
        }
        let mut out = Vec::new();
        set.find(json, &mut out);
        out.into_iter().map(|f| (f.leaf, f.raw.to_owned())).collect()
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let text = r#" {"a": {"b" : [1, {"c":2}], "x":"}\""}, "p":[{"n":"一"},{"n":"\u4e8c"},3], "a2":null} "#;
        assert_eq!(find(text, &["a.b", "a.x"]), [(0, r#"[1, {"c":2}]"#.into()), (1, r#""}\"""#.into())]);
        assert_eq!(find(text, &["p.n", "a2"]), [(0, r#""一""#.into()), (0, r#""\u4e8c""#.into()), (1, "null".into())]);
        assert_eq!(find(text, &["a.b.c", "a"]).len(), 2);
        assert_eq!(text_of(r#""\u4e8c""#), "二");
        assert_eq!(items("[1, {\"a\":[2]},\"x\"]").collect::<Vec<_>>(), ["1", "{\"a\":[2]}", "\"x\""]);
        assert_eq!(items("{}").count() + items("").count() + items("[").count(), 0);
    }

    #[test]
    fn of_a_name_that_stands_twice_the_last_holds() {
        assert_eq!(
            find(r#"{"a":{"b":1,"c":2},"d":0,"a":{"b":3}}"#, &["a.b", "a.c", "d"]),
            [(2, "0".into()), (0, "3".into())]
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|b| json!(b)),
            (-1000_i64..1000).prop_map(|n| json!(n)),
            any::<i32>().prop_map(|n| json!(f64::from(n) / 8.0)),
            "[a-z\"\\\\{},:\\[\\]\u{4e00}-\u{4e10}\n]{0,6}".prop_map(|s| json!(s)),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::vec(("[ab\"\\\\]{1,2}", inner), 0..4)
                    .prop_map(|v| Value::Object(v.into_iter().collect())),
            ]
        })
    }

    /// What `serde_json` finds.
    fn by_tree(value: &Value, path: &[&str], out: &mut Vec<Value>) {
        let Some((first, rest)) = path.split_first() else {
            out.push(value.clone());
            return;
        };
        match value {
            Value::Object(o) => {
                if let Some(v) = o.get(*first) {
                    by_tree(v, rest, out);
                }
            }
            Value::Array(a) => a.iter().filter(|v| v.is_object()).for_each(|v| by_tree(v, path, out)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_a_parsed_tree_holds(value in any_json(), pretty in any::<bool>(), paths in proptest::collection::vec("[ab](\\.[ab]{1,2}){0,2}", 1..4)) {
            let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
            let mut set = PathSet::default();
            let mut sorted: Vec<&String> = paths.iter().collect();
            sorted.sort();
            sorted.dedup();
            for (i, p) in sorted.iter().enumerate() {
                set.add(p, i as u32);
            }
            let mut out = Vec::new();
            set.find(&text, &mut out);
            for (i, p) in sorted.iter().enumerate() {
                let mut want = Vec::new();
                let steps: Vec<&str> = p.split('.').collect();
                by_tree(&value, &steps, &mut want);
                let got: Vec<Value> = out.iter().filter(|f| f.leaf == i as u32).map(|f| serde_json::from_str(f.raw).unwrap()).collect();
                prop_assert_eq!(got, want, "{} in {}", p, text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\":,ab\\\\ 0-9\u{4e00}]{0,40}") {
            find(&text, &["a", "a.b", "b"]);
            let _ = items(&text).count();
        }
    }
}
