import FoundationEssentials
import Verifier

/// The option that says in which language people are answered.
enum LanguageOption {
    static let option = Option(
        name: "--lang", value: "vi|en",
        help: "Answer in Vietnamese or English. Default: Vietnamese where LC_ALL or LANG begins with vi.")

    /// The language that was asked for, otherwise the environment's.
    static func language(_ arguments: Arguments) throws(UsageError) -> VerdictLanguage {
        guard let text = arguments.value(option.name) else {
            return VerdictLanguage(environment: ProcessInfo.processInfo.environment)
        }
        guard let language = VerdictLanguage(rawValue: text) else {
            throw UsageError(description: "--lang must be vi or en")
        }
        return language
    }
}
