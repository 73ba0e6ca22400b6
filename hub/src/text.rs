//! Text that others chose and that people here will read.

/// Whether a character shows nothing, or turns the text around it: such names could pass for others.
#[must_use]
pub fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// What a node says of itself, as it is kept and shown: at most so many characters, and none that deceives.
#[must_use]
pub fn plain(text: &str, chars: usize) -> String {
    text.chars().filter(|character| !deceives(*character)).take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_words_can_neither_move_a_terminal_nor_turn_the_text_around_them() {
        assert_eq!(plain("box\u{1b}[2J\u{202e}7\0\n", 255), "box[2J7");
        assert_eq!(plain("Größe 7", 5), "Größe");
    }
}
