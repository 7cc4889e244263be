//! The map as a tree of text: one node a line, what does not fit under it.

use crate::report::text::paint;
use crate::report::{Style, clean};
use crate::restart::map::{Map, NodeId};

use super::{Drawing, facts, summary, walk};

/// Columns between the tree and the words.
const GAP: usize = 2;
/// Columns that words need at least.
const WORDS: usize = 24;

/// The strokes of a tree, with their ASCII forms.
struct Strokes {
    /// Before a node with others after it, before the last, beside the ones below, and nothing.
    branch: &'static str,
    last: &'static str,
    beside: &'static str,
}

const FINE: Strokes = Strokes { branch: "├─ ", last: "└─ ", beside: "│  " };
const PLAIN: Strokes = Strokes { branch: "|- ", last: "`- ", beside: "|  " };
const NOTHING: &str = "   ";

/// Draws the map.
#[must_use]
pub fn text(drawing: &Drawing<'_>, style: &Style) -> String {
    let map = drawing.map;
    let strokes = if style.ascii { &PLAIN } else { &FINE };
    let rows: Vec<(NodeId, String, String)> = walk(map)
        .into_iter()
        .map(|id| {
            let (first, more) = stems(map, id, strokes);
            (id, first, more)
        })
        .collect();
    let wide =
        rows.iter().map(|(id, first, _)| clean::columns(first) + clean::columns(&map.node(*id).name)).max();
    let tree = wide.unwrap_or(0).min(style.columns().saturating_sub(GAP + WORDS));
    let mut out = String::new();
    for line in clean::wrap(&summary(map), style.columns()) {
        out += &paint::bold(&line, style);
        out.push('\n');
    }
    out.push('\n');
    for (id, first, more) in &rows {
        out += &row(drawing, *id, (first, more), tree, style);
    }
    style.finish(out)
}

/// One node: its name in the tree, its words beside it.
fn row(drawing: &Drawing<'_>, id: NodeId, (first, more): (&str, &str), tree: usize, style: &Style) -> String {
    let node = drawing.map.node(id);
    let name = clean::cut_middle(&node.name, tree.saturating_sub(clean::columns(first)).max(8));
    let words: Vec<String> =
        std::iter::once(facts::kind(drawing.map, id)).chain(facts::facts(drawing, id)).collect();
    let lines = flow(&words, style.columns().saturating_sub(tree + GAP));
    let pad = |used: usize| " ".repeat((tree + GAP).saturating_sub(used));
    let mut out = String::new();
    for (place, line) in lines.iter().enumerate() {
        if place == 0 {
            out += &paint::dim(first, style);
            out += &paint::bold(&name, style);
            out += &pad(clean::columns(first) + clean::columns(&name));
            out += line;
        } else {
            out += &paint::dim(more, style);
            out += &pad(clean::columns(more));
            out += &paint::dim(line, style);
        }
        out = out.trim_end().to_owned();
        out.push('\n');
    }
    out
}

/// Words joined by dots, broken between them where the line is full.
fn flow(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let word = clean::cut(word, width);
        match lines.last_mut() {
            Some(last) if clean::columns(last) + 3 + clean::columns(&word) <= width => {
                last.push_str(" · ");
                last.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// What stands before a node's name, and before the lines under it.
fn stems(map: &Map, id: NodeId, strokes: &Strokes) -> (String, String) {
    let mut parts: Vec<&str> = Vec::new();
    let last = |id: NodeId| map.node(id).parent.is_none_or(|parent| map.children(parent).last() == Some(id));
    for above in map.ancestors(id).filter(|above| map.node(*above).parent.is_some()) {
        parts.push(if last(above) { NOTHING } else { strokes.beside });
    }
    parts.reverse();
    let stem: String = parts.concat();
    let below = if map.children(id).next().is_some() { strokes.beside } else { "" };
    if map.node(id).parent.is_none() {
        return (String::new(), below.to_owned());
    }
    let (own, beside) = if last(id) { (strokes.last, NOTHING) } else { (strokes.branch, strokes.beside) };
    (format!("{stem}{own}"), format!("{stem}{beside}{below}"))
}
