/// The languages in which a verdict is told, by their ISO 639 codes.
public enum VerdictLanguage: String, CaseIterable, Sendable {
    /// Vietnamese.
    case vietnamese = "vi"
    /// English.
    case english = "en"

    /// The language of a locale's name such as `vi_VN.UTF-8`: Vietnamese when it says so, otherwise English.
    public init(locale: String) {
        let language = locale.lowercased().prefix { $0.isLetter }
        self = language == "vi" ? .vietnamese : .english
    }

    /// The language that a process's environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is not
    /// empty decides (POSIX.1-2017, 8.2).
    public init(environment: [String: String]) {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }
        self.init(locale: names.first { !$0.isEmpty } ?? "")
    }

    var wording: any VerdictWording.Type {
        switch self {
        case .vietnamese: VietnameseWording.self
        case .english: EnglishWording.self
        }
    }
}
