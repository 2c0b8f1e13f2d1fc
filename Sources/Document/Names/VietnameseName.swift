/// Vietnamese names as the machine readable zone writes them: capital letters without diacritics.
public enum VietnameseName {
    /// The words of `name` in the letters A to Z: diacritics removed whether composed or not, `Đ` as `D`, apostrophes and
    /// full stops left out, words ended by spaces, hyphens and commas (Doc 9303-3, 4.6 and 6).
    ///
    /// Nil when there is no word, or a letter that Vietnamese and the country's other languages do not have: such a name
    /// cannot be compared.
    public static func words(of name: String) -> [String]? {
        var words: [String] = []
        var word: [UInt8] = []
        for scalar in name.unicodeScalars.flatMap({ $0.properties.uppercaseMapping.unicodeScalars }) {
            if let letter = letters[scalar] {
                word.append(letter)
            } else if isWordSeparator(scalar) {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
            } else if !isLeftOut(scalar) {
                return nil
            }
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words.isEmpty ? nil : words
    }

    /// `name` as the name field of a machine readable zone without the fillers behind it: the first word as the family
    /// name, `<<`, the other words separated by `<`. It is not cut to the field's length.
    ///
    /// Nil when `words(of:)` is.
    public static func transliterated(_ name: String) -> String? {
        guard let words = words(of: name), let familyName = words.first else { return nil }
        return ([familyName, words.dropFirst().joined(separator: "<")].filter { !$0.isEmpty }).joined(separator: "<<")
    }

    private static func isWordSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || ["-", "\u{2010}", "\u{2011}", ","].contains(scalar)
    }

    /// Combining marks, and what Doc 9303-3, 4.6 leaves out of names.
    private static func isLeftOut(_ scalar: Unicode.Scalar) -> Bool {
        ("\u{0300}"..."\u{036F}").contains(scalar)
            || ["'", "\u{2018}", "\u{2019}", "\u{02BC}", "."].contains(scalar)
    }

    /// Capital letters by the letter A to Z that stands for them.
    private static let letters: [Unicode.Scalar: UInt8] = {
        var letters: [Unicode.Scalar: UInt8] = [:]
        for letter in UInt8(ascii: "A")...UInt8(ascii: "Z") { letters[Unicode.Scalar(letter)] = letter }
        for (letter, variants) in variants {
            for variant in variants.unicodeScalars { letters[variant] = letter }
        }
        return letters
    }()

    private static let variants: [(letter: UInt8, variants: String)] = [
        // Vietnamese, each vowel with and without its five tones. Eth is often typed for the Vietnamese letter.
        (UInt8(ascii: "A"), "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"),
        (UInt8(ascii: "D"), "Đ\u{00D0}"),
        (UInt8(ascii: "E"), "ÈÉẺẼẸÊỀẾỂỄỆ"),
        (UInt8(ascii: "I"), "ÌÍỈĨỊ"),
        (UInt8(ascii: "O"), "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"),
        (UInt8(ascii: "U"), "ÙÚỦŨỤƯỪỨỬỮỰ"),
        (UInt8(ascii: "Y"), "ỲÝỶỸỴ"),
        // What Ê Đê, Gia Rai, Ba Na and M'Nông have besides.
        (UInt8(ascii: "B"), "\u{0243}"),
        (UInt8(ascii: "C"), "Č"),
        (UInt8(ascii: "E"), "Ĕ"),
        (UInt8(ascii: "I"), "Ĭ"),
        (UInt8(ascii: "N"), "Ñ"),
        (UInt8(ascii: "O"), "Ŏ"),
        (UInt8(ascii: "U"), "Ŭ"),
    ]
}
