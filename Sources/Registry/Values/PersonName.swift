/// How far two writings of a Vietnamese name agree.
enum NameAgreement: Equatable {
    case same, sameInitials, different

    /// Compares two names as a reader would: upper and lower case, spacing, Unicode form and the place of the tone mark
    /// (`Hoà`, `Hòa`) make no difference. A name written wholly without marks, as in an MRZ, is compared without them.
    init(_ one: String, _ other: String) {
        if one == other {
            self = .same
            return
        }
        let first = SpelledName(one)
        let second = SpelledName(other)
        if first.words == second.words {
            self = .same
        } else if first.isPlain || second.isPlain, first.plainWords == second.plainWords {
            self = .same
        } else {
            let initials = first.plainWords.map { $0.first }
            self = initials == second.plainWords.map { $0.first } && !initials.isEmpty ? .sameInitials : .different
        }
    }
}

/// A name word by word, each word's letters apart from its tone.
private struct SpelledName {
    private(set) var words: [String] = []
    private(set) var plainWords: [String] = []
    /// Whether no letter carries a mark.
    private(set) var isPlain = true

    init(_ name: String) {
        for word in name.lowercased().split(whereSeparator: { $0.isWhitespace || $0 == "<" }) {
            var letters = ""
            var plain = ""
            var tones = ""
            for letter in word {
                let spelling = VietnameseLetters.spelling[letter]
                letters.append(spelling?.letter ?? letter)
                plain.append(spelling?.plain ?? letter)
                if let tone = spelling?.tone { tones.append(tone) }
            }
            isPlain = isPlain && plain == String(word)
            words.append(letters + tones)
            plainWords.append(plain)
        }
    }
}

private enum VietnameseLetters {
    typealias Spelling = (letter: Character, tone: Character?, plain: Character)

    /// Each row: the letter without tone, then with huyền, hỏi, ngã, sắc, nặng; behind the colon the letter without marks.
    private static let rows = [
        "aàảãáạ:a", "ăằẳẵắặ:a", "âầẩẫấậ:a", "eèẻẽéẹ:e", "êềểễếệ:e", "iìỉĩíị:i",
        "oòỏõóọ:o", "ôồổỗốộ:o", "ơờởỡớợ:o", "uùủũúụ:u", "ưừửữứự:u", "yỳỷỹýỵ:y", "đ:d",
    ]

    static let spelling: [Character: Spelling] = {
        var table: [Character: Spelling] = [:]
        for row in rows {
            guard let letter = row.first, let plain = row.last else { continue }
            for (index, character) in row.prefix(while: { $0 != ":" }).enumerated() {
                table[character] = (letter, index == 0 ? nil : Character("\(index)"), plain)
            }
        }
        return table
    }()
}
