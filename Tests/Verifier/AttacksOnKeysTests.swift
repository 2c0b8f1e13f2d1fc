import Crypto
import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("Attacks with keys and signatures")
struct AttacksOnKeysTests {
    private let state: ForgedState

    init() throws { state = try ForgedState.shared() }

    private static let rsaSigner = Result { try SigningKey(new: .rsa(bits: 2048), scheme: .rsaPKCS1(.sha256)) }

    /// The verdict on the card signed by `sign` under a certificate of the trusted CSCA over `subjectPublicKeyInfo`.
    private func verdict(
        certified subjectPublicKeyInfo: [UInt8], scheme: SigningKey,
        sign: ((ForgedSigner, [UInt8]) throws -> [UInt8])? = nil
    ) throws -> Verdict {
        var signer = try state.pki.withNewDocumentSigner(documentSigner: {
            $0.subjectPublicKeyInfo = subjectPublicKeyInfo
        })
        .documentSigner
        signer.key = scheme
        var object = try ForgedSecurityObject(over: state.card.image, signer: signer)
        if let sign {
            let original = object.signers[0]
            object.signers[0].sign = { try sign(original, $0) }
        }
        return try state.verdict(object)
    }

    private static func rsaInfo(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        DERWriter.sequence(
            DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 113549, 1, 1, 1), DERWriter.null),
            DERWriter.bits(DERWriter.sequence(DERWriter.integer(modulus), DERWriter.integer(exponent))))
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017, 9.2) with SHA-256.
    private static func padded(_ message: [UInt8], count: Int) throws -> [UInt8] {
        let info = try digestInfo(message)
        return [0, 1] + [UInt8](repeating: 0xFF, count: count - info.count - 3) + [0] + info
    }

    private static func digestInfo(_ message: [UInt8]) throws -> [UInt8] {
        let algorithm = DERWriter.algorithm(DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, 1), DERWriter.null)
        return DERWriter.sequence(algorithm, DERWriter.octets(try Digest.hash(message, with: .sha256)))
    }

    // MARK: RSA

    @Test("an RSA signer with the exponent 1, whose signature anybody can write, is refused by the signature's check")
    func exponentOne() throws {
        let key = try Self.rsaSigner.get()
        let modulus = try #require(try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).rsaModulus)
        for exponent in [[UInt8(1)], [], [2], [0x01, 0x00, 0x00], [1] + [UInt8](repeating: 0, count: 8) + [1]] {
            let info = Self.rsaInfo(modulus: modulus, exponent: exponent)
            try verdict(certified: info, scheme: key) { try Self.padded($1, count: modulus.count) }
                .expectRefusal(by: .sodSignature, .unusableSignerCertificate, "exponent \(exponent)")
        }
    }

    @Test("an RSA CSCA with the exponent 1, whose signature anybody can write, is not taken for an anchor")
    func anchorWithExponentOne() throws {
        let key = try Self.rsaSigner.get()
        let modulus = try #require(try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).rsaModulus)
        let pki = try TestPKI(countrySigner: {
            $0.subjectPublicKeyInfo = Self.rsaInfo(modulus: modulus, exponent: [1])
        })
        var trust = TrustStore()
        #expect(throws: TrustStoreError.self) { try trust.add(Certificate(der: pki.countrySigner.certificate)) }
    }

    @Test("an RSA modulus of 512 or 768 bits is refused by the signature's check, though the signature is right")
    func shortModulus() throws {
        for bits in [512, 768] {
            let result = try ShellCommand.run(["openssl", "genrsa", "\(bits)"])
            let base64 = result.output.split(separator: "\n").dropFirst().dropLast().joined()
            let key = SigningKey(
                try PrivateKey(pkcs8: Array(try #require(Data(base64Encoded: base64)))), scheme: .rsaPKCS1(.sha256))
            let info = try key.privateKey.subjectPublicKeyInfo
            try verdict(certified: info, scheme: key)
                .expectRefusal(by: .sodSignature, .unusableSignerCertificate, "\(bits) bits")
        }
    }

    @Test("an RSA modulus of 1024 bits is refused by the strength check alone")
    func weakModulus() throws {
        let key = try SigningKey(new: .rsa(bits: 1024), scheme: .rsaPKCS1(.sha256))
        let verdict = try verdict(certified: try key.subjectPublicKeyInfo, scheme: key)
        verdict.expectRefusal(by: .signerStrength, .weakAlgorithm)
        verdict.expectNoFailure(but: [.signerStrength])
    }

    @Test("PKCS#1 padding with garbage behind the digest, or in it, is refused by the signature's check")
    func garbageInPadding() throws {
        let key = try Self.rsaSigner.get()
        let info = try key.subjectPublicKeyInfo
        typealias Forgery = (_ digestInfo: [UInt8], _ count: Int) -> [UInt8]
        func ones(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }
        let forgeries: [(String, Forgery)] = [
            ("garbage behind", { [0, 1] + ones(8) + [0] + $0 + [UInt8](repeating: 0x5A, count: $1 - $0.count - 11) }),
            ("one byte behind", { [0, 1] + ones($1 - $0.count - 4) + [0] + $0 + [0] }),
            (
                "seven bytes of padding",
                { [0, 1] + ones(7) + [0] + [UInt8](repeating: 0, count: $1 - $0.count - 10) + $0 }
            ),
            ("block type 2", { [0, 2] + ones($1 - $0.count - 3) + [0] + $0 }),
            ("block type 0", { [0, 0] + [UInt8](repeating: 0, count: $1 - $0.count - 3) + [0] + $0 }),
            ("a zero in the padding", { [0, 1] + ones(20) + [0] + ones($1 - $0.count - 24) + [0] + $0 }),
            ("no separator", { [0, 1] + ones($1 - $0.count - 2) + $0 }),
            (
                "garbage as parameters",
                { digestInfo, count in
                    let garbage = DERWriter.octets([UInt8](repeating: 0x5A, count: 100))
                    let algorithm = DERWriter.algorithm(DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, 1), garbage)
                    let info = DERWriter.sequence(algorithm, DERWriter.octets(Array(digestInfo.suffix(32))))
                    return [0, 1] + ones(count - info.count - 3) + [0] + info
                }
            ),
            (
                "garbage in the DigestInfo",
                { digestInfo, count in
                    let children = (try? DERWriter.children(digestInfo)) ?? []
                    let info = DERWriter.sequence(children + [DERWriter.octets([UInt8](repeating: 0x5A, count: 64))])
                    return [0, 1] + ones(count - info.count - 3) + [0] + info
                }
            ),
            (
                "the hash alone",
                { digestInfo, count in [0, 1] + ones(count - 35) + [0] + Array(digestInfo.suffix(32)) }
            ),
            (
                "a length in two bytes",
                { digestInfo, count in
                    let info = [0x30, 0x81, digestInfo[1]] + digestInfo.dropFirst(2)
                    return [0, 1] + ones(count - info.count - 3) + [0] + info
                }
            ),
        ]
        for (name, forge) in forgeries {
            try verdict(certified: info, scheme: key) { _, message in
                let block = forge(try Self.digestInfo(message), 256)
                try #require(block.count == 256, "\(name)")
                return try key.privateKey.rsaPrivateOperation(block)
            }.expectRefusal(by: .sodSignature, .wrongSignature, name)
        }
        let control = try verdict(certified: info, scheme: key) { _, message in
            try key.privateKey.rsaPrivateOperation(Self.padded(message, count: 256))
        }
        #expect(control.outcome == .authenticData)
    }

    @Test("an RSA signature that is shorter, longer, or the modulus above itself is refused by the signature's check")
    func signatureLength() throws {
        let key = try Self.rsaSigner.get()
        let info = try key.subjectPublicKeyInfo
        let modulus = Magnitude(try #require(try PublicKey(subjectPublicKeyInfo: info).rsaModulus))
        let changes: [([UInt8]) -> [UInt8]] = [
            { $0 + [0] }, { [0] + $0 }, { Array($0.dropLast()) }, { _ in [] }, { (Magnitude($0) + modulus).bytes },
        ]
        for (index, change) in changes.enumerated() {
            try verdict(certified: info, scheme: key) { change(try $0.sign($1)) }
                .expectRefusal(by: .sodSignature, .wrongSignature, "change \(index)")
        }
    }

    @Test("an RSA signature by a scheme for another kind of key is refused by the signature's check")
    func schemeOfAnotherKey() throws {
        let rsa = try Self.rsaSigner.get()
        let ec = state.pki.documentSigner.key
        for (info, scheme) in [(try rsa.subjectPublicKeyInfo, ec), (try ec.subjectPublicKeyInfo, rsa)] {
            try verdict(certified: info, scheme: scheme).expectRefusal(by: .sodSignature, .unsupportedAlgorithm)
        }
    }

    @Test("a PSS signature with another salt length, mask or trailer than it says is refused by the signature's check")
    func pssParameters() throws {
        let private_ = try Self.rsaSigner.get().privateKey
        let good = SignatureScheme.rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32)
        let wrong: [SignatureScheme] = [
            .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 20),
            .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 33),
            .rsaPSS(digest: .sha256, mgf1: .sha1, saltLength: 32),
            .rsaPSS(digest: .sha384, mgf1: .sha256, saltLength: 32),
            .rsaPKCS1(.sha256),
        ]
        let info = try private_.subjectPublicKeyInfo
        for scheme in wrong {
            try verdict(certified: info, scheme: SigningKey(private_, scheme: scheme)) { _, message in
                try private_.sign(message, scheme: good)
            }.expectRefusal(by: .sodSignature, .wrongSignature, scheme.name)
        }
        let control = try verdict(certified: info, scheme: SigningKey(private_, scheme: good))
        #expect(control.outcome == .authenticData)
    }

    // MARK: ECDSA

    @Test(
        "ECDSA with r or s of 0, n, above n, negative, or not in the fewest bytes is refused by the signature's check")
    func wrongNumbers() throws {
        let key = state.pki.documentSigner.key
        let order = Magnitude(try CurveParameters(of: key.privateKey).order)
        typealias Forgery = (ForgedECDSA) -> [UInt8]
        func plain(_ change: @escaping (inout ForgedECDSA) -> Void) -> Forgery {
            { signature in
                var signature = signature
                change(&signature)
                return signature.encoded
            }
        }
        func negative(_ number: Magnitude) -> [UInt8] {
            // The two's complement of a number whose first bit is set when it stands in 33 bytes.
            let complement = Magnitude([1] + [UInt8](repeating: 0, count: 33)) - number
            return TLVEncoder.element(.integer, complement.padded(to: 33))
        }
        func long(_ number: Magnitude) -> [UInt8] { TLVEncoder.element(.integer, [0, 0] + number.bytes) }
        let forgeries: [(String, Forgery)] = [
            ("r = 0", plain { $0.r = .zero }), ("s = 0", plain { $0.s = .zero }),
            ("both 0", plain { ($0.r, $0.s) = (.zero, .zero) }),
            ("r = n", plain { $0.r = order }), ("s = n", plain { $0.s = order }),
            ("r + n", plain { $0.r = $0.r + order }), ("s + n", plain { $0.s = $0.s + order }),
            ("r = 1, s = 1", plain { ($0.r, $0.s) = (.one, .one) }),
            ("r = n - 1", plain { $0.r = order - .one }),
            ("-r", { DERWriter.sequence(negative($0.r), DERWriter.integer($0.s.bytes)) }),
            ("-s", { DERWriter.sequence(DERWriter.integer($0.r.bytes), negative($0.s)) }),
            ("long r", { DERWriter.sequence(long($0.r), DERWriter.integer($0.s.bytes)) }),
            ("long s", { DERWriter.sequence(DERWriter.integer($0.r.bytes), long($0.s)) }),
            (
                "r without its sign",
                {
                    DERWriter.sequence(TLVEncoder.element(.integer, $0.r.padded(to: 32)), DERWriter.integer($0.s.bytes))
                        + ($0.r.bytes[0] < 0x80 && $0.r.bytes.count == 32 ? [0] : [])
                }
            ),
            ("a long length", { [0x30, 0x81] + $0.encoded.dropFirst() }),
            ("bytes behind", { $0.encoded + [0] }),
            (
                "a third number",
                {
                    DERWriter.sequence(
                        DERWriter.integer($0.r.bytes), DERWriter.integer($0.s.bytes), DERWriter.integer(1))
                }
            ),
            ("plain r, s", { $0.r.padded(to: 32) + $0.s.padded(to: 32) }),
            ("nothing", { _ in [] }),
        ]
        let info = try key.subjectPublicKeyInfo
        for (name, forge) in forgeries {
            try verdict(certified: info, scheme: key) { forge(try ForgedECDSA(try $0.sign($1))) }
                .expectRefusal(by: .sodSignature, .wrongSignature, name)
        }
        let control = try verdict(certified: info, scheme: key) { try ForgedECDSA(try $0.sign($1)).encoded }
        #expect(control.outcome == .authenticData)
    }

    /// The key's SubjectPublicKeyInfo with another point.
    private static func info(_ key: SigningKey, point: (_ point: [UInt8]) -> [UInt8]) throws -> [UInt8] {
        let children = try DERWriter.children(key.subjectPublicKeyInfo)
        return DERWriter.sequence(children[0], DERWriter.bits(point(Array(children[1].suffix(65)))))
    }

    @Test("a signer's point off the curve, at infinity, or of another group is refused by the signature's check")
    func wrongPoint() throws {
        let prime = Magnitude(try CurveParameters(of: state.pki.documentSigner.key.privateKey).prime)
        let foreign = try SigningKey(new: .ec(.secp256r1), scheme: .ecdsa(.sha256))
        let foreignPoint = Array(try DERWriter.children(foreign.subjectPublicKeyInfo)[1].suffix(65))
        let points: [(String, ([UInt8]) -> [UInt8])] = [
            ("off the curve", { $0.dropLast() + [$0[64] ^ 1] }),
            ("at infinity", { _ in [0] }),
            ("at infinity, uncompressed", { _ in [4] + [UInt8](repeating: 0, count: 64) }),
            ("of another curve", { _ in foreignPoint }),
            ("x above the prime", { [4] + (Magnitude($0[1..<33]) + prime).padded(to: 33) + $0.suffix(32) }),
            ("hybrid", { [6 + ($0[64] & 1)] + $0.dropFirst() }),
            ("too short", { Array($0.dropLast()) }),
            ("too long", { $0 + [0] }),
            ("nothing", { _ in [] }),
        ]
        for encoding in [CurveEncoding.named, .explicit] {
            var key = state.pki.documentSigner.key
            key.curveEncoding = encoding
            for (name, point) in points {
                try verdict(certified: try Self.info(key, point: point), scheme: key)
                    .expectRefusal(by: .sodSignature, .unusableSignerCertificate, "\(name), \(encoding)")
            }
        }
    }

    @Test("a named curve that is none of Doc 9303's is refused by the signature's check")
    func foreignNamedCurve() throws {
        let key = state.pki.documentSigner.key
        for arcs: [UInt64] in [[1, 3, 132, 0, 10], [1, 3, 132, 0, 1], [1, 2, 840, 10045, 3, 0, 1], [1, 2, 3, 4]] {
            let children = try DERWriter.children(key.subjectPublicKeyInfo)
            let algorithm = DERWriter.algorithm(
                DERWriter.identifier(1, 2, 840, 10045, 2, 1), ObjectIdentifier(arcs).encoded)
            try verdict(certified: DERWriter.sequence(algorithm, children[1]), scheme: key)
                .expectRefusal(by: .sodSignature, .unusableSignerCertificate, "\(arcs)")
        }
    }
}
