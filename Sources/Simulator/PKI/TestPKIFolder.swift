import Crypto
import FoundationEssentials

extension TestPKI {
    /// The signers' schemes, which neither key nor certificate tells.
    private struct Schemes: Codable {
        var csca: String
        var dsc: String
    }

    /// Loads the signers that `save(to:)` wrote: `csca.cer`, `dsc.cer`, `csca.pk8`, `dsc.pk8`, `schemes.json`.
    ///
    /// Without `schemes.json` a key signs with the SHA-2 function that fits it, RSA by PKCS#1 v1.5.
    /// - Parameter path: The folder.
    /// - Throws: `file` when a file is missing or unreadable, `crypto` when a key is none.
    public init(folder path: String) throws(SimulatorError) {
        let schemes = try Self.schemes(in: path)
        countrySigner = try Self.load("csca", from: path, scheme: schemes?.csca)
        documentSigner = try Self.load("dsc", from: path, scheme: schemes?.dsc)
    }

    /// Writes certificates and keys to a folder, which is made when it does not exist. The keys are readable by the
    /// owner alone and not encrypted: they are worth nothing outside tests.
    ///
    /// - Parameter path: The folder.
    /// - Throws: `file` when it cannot be written.
    public func save(to path: String) throws(SimulatorError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let schemes = Schemes(csca: countrySigner.key.scheme.label, dsc: documentSigner.key.scheme.label)
            try Self.write(Array(JSONEncoder().encode(schemes)), to: path + "/schemes.json", permissions: 0o644)
            for (name, signer) in [("csca", countrySigner), ("dsc", documentSigner)] {
                try Self.write(signer.certificate, to: "\(path)/\(name).cer", permissions: 0o644)
                try Self.write(signer.key.privateKey.pkcs8.bytes, to: "\(path)/\(name).pk8", permissions: 0o600)
            }
        } catch let error as SimulatorError {
            throw error
        } catch {
            throw .file(path: path, reason: "it cannot be written: \(error)")
        }
    }

    private static func schemes(in path: String) throws(SimulatorError) -> Schemes? {
        let file = path + "/schemes.json"
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        do {
            return try JSONDecoder().decode(Schemes.self, from: Data(try read(file)))
        } catch let error as SimulatorError {
            throw error
        } catch {
            throw .file(path: file, reason: "it is not what a test PKI writes: \(error)")
        }
    }

    private static func load(_ name: String, from path: String, scheme: String?) throws(SimulatorError) -> CertifiedKey
    {
        let pkcs8 = try read("\(path)/\(name).pk8")
        let key = try mapping { () throws(CryptoError) in try PrivateKey(pkcs8: pkcs8) }
        let certificate = try read("\(path)/\(name).cer")
        guard let scheme else {
            return CertifiedKey(
                key: SigningKey(key, scheme: try SignatureScheme(fitting: key)), certificate: certificate)
        }
        guard let known = SignatureScheme(label: scheme) else {
            throw .file(path: path + "/schemes.json", reason: "no signature scheme is called \(scheme)")
        }
        return CertifiedKey(key: SigningKey(key, scheme: known), certificate: certificate)
    }

    private static func read(_ path: String) throws(SimulatorError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(path: path, reason: "it cannot be read")
        }
        return Array(data)
    }

    private static func write(_ bytes: [UInt8], to path: String, permissions: Int) throws(SimulatorError) {
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: permissions])
        guard isWritten else { throw .file(path: path, reason: "it cannot be written") }
    }
}

extension SignatureScheme {
    /// A short name for files and options such as `ecdsa-sha256`, `rsa-sha256` or `rsa-pss-sha256-sha256-32` (digest, MGF1's digest, salt length).
    public var label: String {
        switch self {
        case .ecdsa(let digest): "ecdsa-\(digest.label)"
        case .rsaPKCS1(let digest): "rsa-\(digest.label)"
        case .rsaPSS(let digest, let mgf1, let saltLength):
            "rsa-pss-\(digest.label)-\(mgf1.label)-\(saltLength)"
        }
    }

    /// The scheme of that name; `rsa-pss-sha256` stands for one digest throughout and a salt of its length. Nil for no
    /// scheme's name.
    public init?(label: String) {
        let parts = label.split(separator: "-").map(String.init)
        let digests = parts.compactMap { part in DigestAlgorithm.allCases.first { $0.label == part } }
        guard let first = digests.first else { return nil }
        switch (parts.prefix { !$0.hasPrefix("sha") }, parts.count) {
        case (["ecdsa"], 2): self = .ecdsa(first)
        case (["rsa"], 2): self = .rsaPKCS1(first)
        case (["rsa", "pss"], 3): self = .rsaPSS(digest: first, mgf1: first, saltLength: first.byteCount)
        case (["rsa", "pss"], 5):
            guard digests.count == 2, let saltLength = Int(parts[4]), (0...512).contains(saltLength) else { return nil }
            self = .rsaPSS(digest: first, mgf1: digests[1], saltLength: saltLength)
        default: return nil
        }
    }

    /// The scheme by which `key` usually signs: a SHA-2 function as long as the curve, PKCS#1 v1.5 for RSA.
    init(fitting key: PrivateKey) throws(SimulatorError) {
        let kind = try mapping { () throws(CryptoError) in
            try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).kind
        }
        guard case .ec(let curve) = kind else {
            self = .rsaPKCS1(.sha256)
            return
        }
        self = .ecdsa(.fitting(curve))
    }
}

extension DigestAlgorithm {
    /// The name in lower case without separators: `sha256`.
    fileprivate var label: String {
        switch self {
        case .sha1: "sha1"
        case .sha224: "sha224"
        case .sha256: "sha256"
        case .sha384: "sha384"
        case .sha512: "sha512"
        }
    }

    /// The function of SHA-2 that is as long as the curve's field, or the next shorter one.
    static func fitting(_ curve: NamedCurve) -> DigestAlgorithm {
        switch curve {
        case .secp192r1, .secp224r1, .brainpoolP160r1, .brainpoolP160t1, .brainpoolP192r1, .brainpoolP192t1,
            .brainpoolP224r1, .brainpoolP224t1:
            .sha224
        case .secp256r1, .brainpoolP256r1, .brainpoolP256t1, .brainpoolP320r1, .brainpoolP320t1: .sha256
        case .secp384r1, .brainpoolP384r1, .brainpoolP384t1: .sha384
        case .secp521r1, .brainpoolP512r1, .brainpoolP512t1: .sha512
        }
    }
}
