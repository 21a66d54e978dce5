//! "Did you mean": the nearest words that events use.

use super::{store, words::Word};
use crate::{db::Tx, error::Result};

/// Words shorter than this are not corrected.
const FROM_LETTERS: usize = 4;
/// From this length on, two mistakes are forgiven.
const TWO_FROM_LETTERS: usize = 7;

/// The query with each unknown word replaced by the nearest known one; `None` when there is nothing better.
pub(super) fn suggest(tx: &mut Tx<'_>, words: &[Word]) -> Result<Option<String>> {
    let (mut texts, mut is_other) = (Vec::with_capacity(words.len()), false);
    for word in words {
        let nearest = if store::is_known(tx, word)? {
            None
        } else {
            nearest(tx, &word.text)?
        };
        is_other |= nearest.is_some();
        texts.push(nearest.unwrap_or_else(|| word.text.clone()));
    }
    Ok(is_other.then(|| texts.join(" ")))
}

fn nearest(tx: &mut Tx<'_>, word: &str) -> Result<Option<String>> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < FROM_LETTERS {
        return Ok(None);
    }
    let most = if letters.len() >= TWO_FROM_LETTERS { 2 } else { 1 };
    let candidates = store::words_like(tx, &letters)?;
    let near = candidates.into_iter().filter_map(|(candidate, uses)| {
        let distance = distance(&letters, &candidate.chars().collect::<Vec<_>>(), most)?;
        Some((distance, -uses, candidate))
    });
    Ok(near.min().map(|(_, _, candidate)| candidate))
}

/// The Damerau-Levenshtein distance (insert, delete, replace, swap neighbours), `None` beyond `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut rows: [Vec<usize>; 3] = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![0; b.len() + 1]];
    for (i, x) in a.iter().enumerate() {
        let [before, last, row] = &mut rows;
        fill(row, last, before, (a, b, i, *x));
        rows.rotate_left(1);
    }
    let [_, last, _] = &rows;
    last.last().copied().filter(|distance| *distance <= most)
}

/// Fills the row of `a[..=i]` from the two before it.
fn fill(row: &mut [usize], last: &[usize], before: &[usize], (a, b, i, x): (&[char], &[char], usize, char)) {
    let mut left = i + 1;
    if let Some(first) = row.first_mut() {
        *first = left;
    }
    for (j, y) in b.iter().enumerate() {
        let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
        let mut best = (at(last, j) + usize::from(x != *y))
            .min(at(last, j + 1) + 1)
            .min(left + 1);
        let swapped = j > 0 && i > 0 && b.get(j - 1) == Some(&x) && a.get(i - 1) == Some(y);
        if swapped {
            best = best.min(at(before, j - 1) + 1);
        }
        if let Some(cell) = row.get_mut(j + 1) {
            *cell = best;
        }
        left = best;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_mistakes_count_one_each() {
        let d = |a: &str, b: &str, most| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), most);
        assert_eq!(d("bruxeles", "bruxelles", 2), Some(1));
        assert_eq!(d("charlerio", "charleroi", 2), Some(1));
        assert_eq!(d("soupe", "soupe", 1), Some(0));
        assert_eq!(d("soupe", "loupes", 1), None);
        assert_eq!(d("soupe", "loupes", 2), Some(2));
        assert_eq!(d("abcd", "", 2), None);
    }
}
