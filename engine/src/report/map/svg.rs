//! The map as a picture: the tree from left to right, what each node needs as an arrow beside it.
//!
//! One file that needs no other, with a title and a description, readable on light and dark.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use crate::report::{clean, text::Style};
use crate::restart::history::History;
use crate::restart::map::{Kind, NodeId};

use super::{Drawing, facts, summary, walk};

/// Height of a row, indent of a level, edge of the picture, all in pixels.
const ROW: usize = 46;
const INDENT: usize = 30;
const EDGE: usize = 24;
/// The head's height.
const HEAD: usize = 62;
/// A box's height.
const BOX: usize = 30;
/// Width of a lane for arrows.
const LANE: usize = 11;
/// Letters are about so wide: 14 px bold, 12.5 px.
const BOLD: f64 = 9.2;
const THIN: f64 = 6.6;
/// Letters of a row's words.
const WORDS: usize = 96;

const CSS: &str = "\
:root{--page:#fff;--ink:#18212c;--soft:#55606e;--line:#c3cbd5;--box:#f4f5f7;--unit:#1652b4;--arrow:#8a5200;--bad:#b3211a}\
@media(prefers-color-scheme:dark){:root{--page:#0f1419;--ink:#e8edf2;--soft:#a3afbd;--line:#3d4957;--box:#181f27;--unit:#7fb2ff;--arrow:#ffbf66;--bad:#ff8a80}}\
text{font-family:Inter,'Segoe UI',system-ui,-apple-system,'Helvetica Neue',Arial,sans-serif;fill:var(--ink)}\
.page{fill:var(--page)}.h{font-size:16px;font-weight:650}.n{font-size:14px;font-weight:600}.k{font-size:12.5px}.f{font-size:12.5px;fill:var(--soft)}\
.b{fill:var(--box);stroke:var(--line)}.unit{stroke:var(--unit)}.group{stroke-dasharray:4 3}.bad{stroke:var(--bad);stroke-width:2}\
.t{stroke:var(--line);fill:none;stroke-width:1.5}.a{stroke:var(--arrow);fill:none;stroke-width:1.5}.head{fill:var(--arrow)}";

/// Where things stand.
struct Layout {
    order: Vec<NodeId>,
    /// By node: its row.
    row: Vec<usize>,
    depth: Vec<usize>,
    /// By node: the right edge of its box.
    right: Vec<usize>,
    /// Arrows: from who needs to what is needed, and their lane.
    arrows: Vec<(NodeId, NodeId, usize)>,
    /// Where lanes and words begin.
    lanes: usize,
    words: usize,
}

/// Draws the map.
#[must_use]
pub fn svg(drawing: &Drawing<'_>) -> String {
    let layout = Layout::of(drawing);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand pixels")]
    let letters = |count: usize| (count as f64 * THIN).ceil() as usize;
    let longest = layout.order.iter().map(|&id| line(drawing, id).chars().count()).max().unwrap_or(0);
    let head = clean::line(&summary(drawing.map));
    let width = (layout.words + letters(longest)).max(letters(head.chars().count()) * 5 / 4 + EDGE) + EDGE;
    let height = HEAD + ROW * layout.order.len() + EDGE / 2;
    let size = format!("0 0 {width} {height}");
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(size) width=(width) height=(height) role="img" aria-labelledby="title desc" {
            title id="title" { (head) }
            desc id="desc" { (described(drawing)) }
            style { (PreEscaped(CSS)) }
            rect class="page" width=(width) height=(height) {}
            text class="h" x=(EDGE) y="36" { (head) }
            path class="t" d=(layout.branches(drawing)) {}
            @for &(from, to, lane) in &layout.arrows { (layout.arrow(from, to, lane)) }
            @for &id in &layout.order { (layout.node(drawing, id)) }
        }
    }
    .into_string()
}

/// The tree in words, for those who cannot see it.
fn described(drawing: &Drawing<'_>) -> String {
    let style = Style { width: 200, color: false, ascii: false, zone: chrono_tz::Tz::UTC };
    let empty = History::default();
    let drawing = Drawing {
        history: if drawing.map.nodes.len() <= 100 { drawing.history } else { &empty },
        ..*drawing
    };
    super::text(&drawing, &style)
}

/// What a node is and all there is to say about it.
fn line(drawing: &Drawing<'_>, id: NodeId) -> String {
    let words: Vec<String> =
        std::iter::once(facts::kind(drawing.map, id)).chain(facts::facts(drawing, id)).collect();
    clean::cut(&words.join(" · "), WORDS)
}

impl Layout {
    fn of(drawing: &Drawing<'_>) -> Self {
        let map = drawing.map;
        let order = walk(map);
        let mut row = vec![0; map.nodes.len()];
        for (place, id) in order.iter().enumerate() {
            row[id.0] = place;
        }
        let depth: Vec<usize> = map.ids().map(|id| map.depth(id)).collect();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a name is at most 100 letters"
        )]
        let right: Vec<usize> = map
            .ids()
            .map(|id| {
                EDGE + INDENT * depth[id.0] + 24 + (clean::columns(&map.node(id).name) as f64 * BOLD) as usize
            })
            .collect();
        let arrows =
            laned(map.ids().flat_map(|id| map.node(id).needs.iter().map(move |&need| (id, need))), &row);
        let lanes = right.iter().max().copied().unwrap_or(0) + 16;
        let count = arrows.iter().map(|(_, _, lane)| lane + 1).max().unwrap_or(0);
        Self { order, row, depth, right, arrows, lanes, words: lanes + LANE * count + 10 }
    }

    fn middle(&self, id: NodeId) -> usize {
        HEAD + ROW * self.row[id.0] + BOX / 2
    }

    /// The strokes from each node to those right below it.
    fn branches(&self, drawing: &Drawing<'_>) -> String {
        let mut path = String::new();
        for &id in &self.order {
            let Some(parent) = drawing.map.node(id).parent else { continue };
            let x = EDGE + INDENT * self.depth[parent.0] + 14;
            let (from, to) = (self.middle(parent) + BOX / 2, self.middle(id));
            let _ = write!(path, "M{x} {from}V{to}H{}", EDGE + INDENT * self.depth[id.0]);
        }
        path
    }

    /// From the one who needs, along its lane, to what it needs.
    fn arrow(&self, from: NodeId, to: NodeId, lane: usize) -> Markup {
        let x = self.lanes + LANE * lane;
        let up = self.row[to.0] < self.row[from.0];
        // Apart from what comes in, which ends a little above or below the middle.
        let (y1, y2) = (self.middle(from), self.middle(to));
        let y1 = if up { y1 - 5 } else { y1 + 5 };
        let end = self.right[to.0] + 8;
        let path = format!("M{} {y1}H{x}V{y2}H{end}", self.right[from.0]);
        let head = format!("M{} {y2}l9 -4.5v9z", self.right[to.0] + 1);
        html! { path class="a" d=(path) {} path class="head" d=(head) {} }
    }

    fn node(&self, drawing: &Drawing<'_>, id: NodeId) -> Markup {
        let node = drawing.map.node(id);
        let (x, y) = (EDGE + INDENT * self.depth[id.0], self.middle(id) - BOX / 2);
        let troubled = drawing.history.given_up.iter().any(|(name, _)| *name == node.name);
        let class = match &node.kind {
            _ if troubled => "b bad",
            Kind::Host { .. } => "b",
            Kind::Group => "b group",
            _ => "b unit",
        };
        html! {
            g {
                rect class=(class) x=(x) y=(y) width=(self.right[id.0] - x) height=(BOX) rx="6" {}
                text class="n" x=(x + 12) y=(y + 20) { (clean::line(&node.name)) }
                text class="f" x=(self.words) y=(y + 20) { (line(drawing, id)) }
            }
        }
    }
}

/// Arrows with lanes such that no two of a lane overlap, short ones nearest to the boxes.
fn laned(needs: impl Iterator<Item = (NodeId, NodeId)>, row: &[usize]) -> Vec<(NodeId, NodeId, usize)> {
    let span = |&(from, to): &(NodeId, NodeId)| {
        let (a, b) = (row[from.0], row[to.0]);
        (a.min(b), a.max(b))
    };
    let mut needs: Vec<(NodeId, NodeId)> = needs.collect();
    needs.sort_by_key(|need| {
        let (low, high) = span(need);
        (high - low, low)
    });
    let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
    needs
        .into_iter()
        .map(|need| {
            let (low, high) = span(&need);
            let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|&(from, to)| high < from || to < low);
            let lane = lanes.iter().position(free).unwrap_or_else(|| {
                lanes.push(Vec::new());
                lanes.len() - 1
            });
            lanes[lane].push((low, high));
            (need.0, need.1, lane)
        })
        .collect()
}
