//! A grid of terminal cells that dots, lines and words are put on.

/// What a cell shows, from the back to the front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// Nothing.
    #[default]
    Blank,
    /// Where a surge was held.
    Surge,
    /// The range of the forecast.
    Band,
    /// Now, epochs.
    Mark,
    /// The limit.
    Limit,
    /// Samples.
    Sample,
    /// The curve.
    Curve,
    /// Words.
    Word,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    layer: Layer,
    /// Braille dots, bit by bit as Unicode orders them.
    dots: u8,
    /// What is shown instead of dots.
    word: Option<char>,
}

/// A canvas of `columns` by `rows` cells; each cell holds two by four dots.
#[derive(Debug)]
pub(super) struct Canvas {
    columns: usize,
    cells: Vec<Cell>,
}

/// The braille dot at `x` of two and `y` of four, counted from the top left.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Canvas {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self { columns, cells: vec![Cell::default(); columns * rows] }
    }

    /// Puts a dot, counted in dots from the top left; a dot outside is left out.
    pub(super) fn dot(&mut self, x: usize, y: usize, layer: Layer) {
        if let Some(cell) = self.cell(x / 2, y / 4) {
            if layer > cell.layer {
                *cell = Cell { layer, ..Cell::default() };
            }
            if layer == cell.layer {
                cell.dots |= DOTS[y % 4][x % 2];
            }
        }
    }

    /// Puts a character into a cell that shows nothing nearer.
    pub(super) fn put(&mut self, column: usize, row: usize, word: char, layer: Layer) {
        if let Some(cell) = self.cell(column, row)
            && cell.layer < layer
        {
            *cell = Cell { layer, dots: 0, word: Some(word) };
        }
    }

    /// Puts a text, cut at the edge.
    pub(super) fn write(&mut self, column: usize, row: usize, text: &str) {
        for (i, c) in text.chars().enumerate() {
            self.put(column + i, row, c, Layer::Word);
        }
    }

    fn cell(&mut self, column: usize, row: usize) -> Option<&mut Cell> {
        if column < self.columns { self.cells.get_mut(row * self.columns + column) } else { None }
    }

    /// The rows as runs of one layer each; `ascii` replaces dots by one mark a cell.
    pub(super) fn runs(&self, ascii: bool) -> Vec<Vec<(Layer, String)>> {
        self.cells.chunks(self.columns).map(|row| row_runs(row, ascii)).collect()
    }
}

fn row_runs(row: &[Cell], ascii: bool) -> Vec<(Layer, String)> {
    let mut runs: Vec<(Layer, String)> = Vec::new();
    for cell in row {
        let shown = shown(*cell, ascii);
        match runs.last_mut() {
            Some((layer, run)) if *layer == cell.layer => run.push(shown),
            _ => runs.push((cell.layer, shown.into())),
        }
    }
    runs
}

fn shown(cell: Cell, ascii: bool) -> char {
    match (cell.word, cell.layer) {
        (Some(word), _) => word,
        (None, Layer::Blank) => ' ',
        (None, Layer::Curve) if ascii => '*',
        (None, Layer::Band) if ascii => ':',
        (None, _) if ascii => '.',
        (None, _) => char::from_u32(0x2800 + u32::from(cell.dots)).unwrap_or(' '),
    }
}
