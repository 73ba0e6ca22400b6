//! The numbers of a control sequence: parameters, each with the sub-parameters that follow it behind colons.

/// More are dropped, with their digits.
const MAX_COUNT: usize = 32;

/// Parameters; there is always a first one. An empty parameter is 0, an empty sub-parameter -1.
#[derive(Debug)]
pub(super) struct Parameters {
    values: Vec<i32>,
    subs: Vec<i32>,
    /// For each parameter, how many sub-parameters come up to and with its own.
    ends: Vec<usize>,
    /// The digits that come belong to a sub-parameter.
    in_sub: bool,
    /// There are too many: digits are dropped.
    full: bool,
    subs_full: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            values: vec![0],
            subs: Vec::new(),
            ends: vec![0],
            in_sub: false,
            full: false,
            subs_full: false,
        }
    }
}

impl Parameters {
    pub(super) fn clear(&mut self) {
        self.values.truncate(1);
        self.values.fill(0);
        self.ends.truncate(1);
        self.ends.fill(0);
        self.subs.clear();
        (self.in_sub, self.full, self.subs_full) = (false, false, false);
    }

    /// A digit, a semicolon or a colon.
    pub(super) fn read(&mut self, byte: u8) {
        match byte {
            b';' => {
                self.in_sub = false;
                if self.values.len() < MAX_COUNT {
                    self.values.push(0);
                    self.ends.push(self.subs.len());
                } else {
                    self.full = true;
                }
            }
            b':' => {
                self.in_sub = true;
                if self.full || self.subs.len() >= MAX_COUNT {
                    self.subs_full = true;
                } else {
                    self.subs.push(-1);
                    if let Some(end) = self.ends.last_mut() {
                        *end += 1;
                    }
                }
            }
            digit => self.read_digit(i32::from(digit.wrapping_sub(b'0'))),
        }
    }

    fn read_digit(&mut self, digit: i32) {
        if self.full || self.in_sub && self.subs_full {
            return;
        }
        let place = if self.in_sub { self.subs.last_mut() } else { self.values.last_mut() };
        if let Some(value) = place {
            *value = if *value == -1 { digit } else { value.saturating_mul(10).saturating_add(digit) };
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// A parameter; 0 if it is not there.
    pub(super) fn value(&self, at: usize) -> i32 {
        self.values.get(at).copied().unwrap_or(0)
    }

    /// A parameter that counts something: at least 1.
    pub(super) fn count(&self, at: usize) -> usize {
        usize::try_from(self.value(at)).unwrap_or(0).max(1)
    }

    pub(super) fn values(&self) -> &[i32] {
        &self.values
    }

    /// The sub-parameters of a parameter.
    pub(super) fn subs(&self, at: usize) -> &[i32] {
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(begin);
        self.subs.get(begin..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parameters {
        let mut parameters = Parameters::default();
        text.bytes().for_each(|byte| parameters.read(byte));
        parameters
    }

    #[test]
    fn parameters_have_sub_parameters() {
        let parameters = read("1;38:2::10:20;;7");
        assert_eq!(parameters.values(), [1, 38, 0, 7]);
        assert_eq!(parameters.subs(1), [2, -1, 10, 20]);
        assert!(parameters.subs(0).is_empty() && parameters.subs(3).is_empty());
        assert_eq!((parameters.count(2), parameters.value(9)), (1, 0));
    }

    #[test]
    fn too_many_or_too_large_numbers_are_harmless() {
        let parameters = read(&format!("{}99999999999999", "1;".repeat(40)));
        assert_eq!(parameters.len(), MAX_COUNT);
        assert_eq!(read("99999999999999").value(0), i32::MAX);
        assert_eq!(read(&"1:".repeat(40)).subs(0).len(), MAX_COUNT);
    }
}
