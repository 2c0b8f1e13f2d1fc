/// How the national gateway (cổng giám định BHYT) is asked. Never shows the password.
public struct GatewaySettings: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// `https://` and the host, without a path.
    public var url: String
    /// The facility's account.
    public var username: String
    /// The MD5 of the account's password, 32 hexadecimal digits: what the interface wants in its place.
    var passwordDigest: String
    /// The name of the officer who asks (hoTenCb).
    public var officerName: String
    /// The personal number of the officer who asks (cccdCb).
    public var officerPersonalNumber: String
    /// A file of PEM certificates that are trusted in place of the system's.
    public var certificateAuthorities: String?
    /// How long a look-up may take altogether, with its repetitions.
    public var timeLimit = Duration.seconds(6)
    /// How long an answer is used again without asking.
    public var memory = Duration.seconds(900)

    /// - Parameter passwordFile: a file of which the first line is the MD5 of the password, as `md5sum` prints it.
    /// - Throws: `invalidGateway`.
    public init(
        url: String, username: String, passwordFile: String, officerName: String, officerPersonalNumber: String
    ) throws(RegistryError) {
        var text: [UInt8] = []
        do throws(RegistryError) {
            try InputFile(path: passwordFile).read(4096, appendingTo: &text)
        } catch {
            throw .invalidGateway(reason: "the password's file: \(error)")
        }
        let digest = text.prefix { $0 > 0x20 }
        try self.init(
            url: url, username: username, passwordDigest: String(decoding: digest, as: UTF8.self),
            officerName: officerName, officerPersonalNumber: officerPersonalNumber)
    }

    init(
        url: String, username: String, passwordDigest: String, officerName: String, officerPersonalNumber: String
    ) throws(RegistryError) {
        guard url.hasPrefix("https://"), url.utf8.count > 8,
            !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3F || $0 == 0x23 })
        else { throw .invalidGateway(reason: "url must be https:// and a host") }
        guard !username.isEmpty else { throw .invalidGateway(reason: "username is empty") }
        guard passwordDigest.utf8.count == 32, passwordDigest.allSatisfy(\.isHexDigit) else {
            throw .invalidGateway(
                reason: "the password's file must begin with the MD5 of the password: printf %s PASSWORD | md5sum")
        }
        guard !officerName.isEmpty else { throw .invalidGateway(reason: "officerName is empty") }
        guard PersonalNumber.isWellFormed(officerPersonalNumber.utf8.span) else {
            throw .invalidGateway(reason: "officerPersonalNumber is not 12 digits")
        }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.username = username
        self.passwordDigest = passwordDigest
        self.officerName = officerName
        self.officerPersonalNumber = officerPersonalNumber
    }

    /// The address alone.
    public var description: String { url }
    /// The address alone.
    public var debugDescription: String { url }
}
