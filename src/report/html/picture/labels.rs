//! Finds rows for labels so that none covers another.

/// A label that wants to stand at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// Where its middle would be best.
    pub(super) x: f64,
    /// How much room it takes.
    pub(super) width: f64,
}

/// Where a label stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// 0 is the row nearest to what is labelled.
    pub(super) row: usize,
    /// Its left edge.
    pub(super) left: f64,
}

/// The least space between two labels.
const SPACE: f64 = 8.0;

/// Puts each label into the nearest row with room for it, between `left` and `right`; one for which no
/// row has room gets none. Wishes come from left to right.
pub(super) fn place(wishes: &[Wish], rows: usize, left: f64, right: f64) -> Vec<Option<Place>> {
    let mut ends = vec![f64::NEG_INFINITY; rows];
    let find = |wish: &Wish| {
        let most = (right - wish.width).max(left);
        let at = (wish.x - wish.width / 2.0).clamp(left, most);
        let row = ends.iter().position(|&end| at >= end + SPACE)?;
        ends[row] = at + wish.width;
        Some(Place { row, left: at })
    };
    wishes.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(wishes: &[(f64, f64)], rows: usize) -> Vec<Option<usize>> {
        let wishes: Vec<Wish> = wishes.iter().map(|&(x, width)| Wish { x, width }).collect();
        place(&wishes, rows, 0.0, 400.0).into_iter().map(|place| Some(place?.row)).collect()
    }

    #[test]
    fn labels_that_would_touch_go_to_further_rows() {
        assert_eq!(rows(&[(50.0, 40.0), (60.0, 40.0), (120.0, 40.0)], 3), [Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn where_no_row_has_room_there_is_no_label() {
        assert_eq!(rows(&[(50.0, 40.0), (51.0, 40.0), (52.0, 40.0)], 2), [Some(0), Some(1), None]);
    }

    #[test]
    fn labels_stay_inside() {
        let place = place(&[Wish { x: 2.0, width: 40.0 }, Wish { x: 399.0, width: 40.0 }], 1, 0.0, 400.0);
        assert_eq!(place[0].unwrap().left, 0.0);
        assert_eq!(place[1].unwrap().left, 360.0);
    }
}
