import Crypto
import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("Attacks with explicit curve parameters")
struct AttacksWithForgedCurveTests {
    private let state: ForgedState

    init() throws { state = try ForgedState.shared() }

    private static func point(_ key: SigningKey) throws -> [UInt8] {
        Array(try DERWriter.children(key.subjectPublicKeyInfo)[1].dropFirst().drop { $0 != 0x00 }.dropFirst())
    }

    @Test(
        "the parameters of every curve, spelt out as the standard has them, are recognised",
        arguments: NamedCurve.allCases)
    func genuine(_ curve: NamedCurve) throws {
        let key = try SigningKey(new: .ec(curve), scheme: .ecdsa(.sha256), curveEncoding: .explicit)
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        #expect(publicKey.kind == .ec(curve))
        #expect(publicKey.hasExplicitParameters)
    }

    @Test(
        "a key whose explicit parameters differ in one field from those of a known curve is refused on every curve",
        arguments: ForgedCurve.all, NamedCurve.allCases)
    func oneField(_ forged: ForgedCurve, _ curve: NamedCurve) throws {
        let key = try SigningKey(new: .ec(curve), scheme: .ecdsa(.sha256))
        let genuine = try CurveParameters(of: key.privateKey)
        let point = try Self.point(key)
        let parameters = forged.parameters(genuine, point)
        // On P-521 and the t1 curves a forgery may be none: a may be what it is changed to.
        try #require(parameters != genuine.encoded, "the forgery changes nothing")
        #expect(throws: CryptoError.self) {
            try PublicKey(
                subjectPublicKeyInfo: ForgedCurve.subjectPublicKeyInfo(parameters, point: point))
        }
    }

    @Test(
        "a signer whose explicit parameters differ in one field is refused, though the CSCA certified and he signed",
        arguments: ForgedCurve.all)
    func signer(_ forged: ForgedCurve) throws {
        let key = try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256))
        let parameters = try forged.parameters(CurveParameters(of: key.privateKey), Self.point(key))
        let info = ForgedCurve.subjectPublicKeyInfo(parameters, point: try Self.point(key))
        var signer = try state.pki.withNewDocumentSigner(documentSigner: { $0.subjectPublicKeyInfo = info })
            .documentSigner
        signer.key = key
        let verdict = try state.verdict(ForgedSecurityObject(over: state.card.image, signer: signer))
        #expect(verdict.outcome == .invalid)
        #expect(verdict.check(.sodSignature)?.result == .failed)
        // What is no certificate at all to OpenSSL is missing, otherwise its key is unusable; neither passes.
        #expect(verdict.check(.sodSignature)?.reason == .unusableSignerCertificate, "\(verdict.failures)")
    }

    /// A CSCA with the name and the public point of the trusted one, and that point for a generator, signed by nobody
    /// who knows the trusted CSCA's private key.
    private func forgedCountrySigner() throws -> (
        certificate: [UInt8], sign: ([UInt8]) throws -> [UInt8], info: [UInt8]
    ) {
        let genuine = state.pki.countrySigner
        let point = try Self.point(genuine.key)
        var parameters = try CurveParameters(of: genuine.key.privateKey)
        parameters.generator = point
        let info = ForgedCurve.subjectPublicKeyInfo(parameters.encoded, point: point)
        let sign = { [order = parameters.order] (message: [UInt8]) in
            try ForgedCurve.signature(message, digest: .sha384, point: point, order: order)
        }
        let body = try DERWriter.children(try DERWriter.children(genuine.certificate)[0])
        let forgedBody = DERWriter.sequence(body.map { $0 == body[6] ? info : $0 })
        return (try Self.certificate(forgedBody, like: genuine.certificate, sign: sign), sign, info)
    }

    private static func certificate(
        _ body: [UInt8], like other: [UInt8], sign: ([UInt8]) throws -> [UInt8]
    ) throws -> [UInt8] {
        DERWriter.sequence(body, try DERWriter.children(other)[1], DERWriter.bits(try sign(body)))
    }

    @Test("a CSCA with a trusted one's key and an own generator verifies under its own parameters, as OpenSSL shows")
    func forgeryIsOne() throws {
        let (certificate, _, info) = try forgedCountrySigner()
        let parts = try DERWriter.children(certificate)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: folder.appending(path: name))
            return folder.appending(path: name).path
        }
        let result = try ShellCommand.run([
            "openssl", "dgst", "-sha384", "-keyform", "DER", "-verify", try file("key", info), "-signature",
            try file("signature", Array(try #require(parts.last).drop { $0 != 0x00 }.dropFirst())),
            try file("body", parts[0]),
        ])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
    }

    @Test("a CSCA with a trusted one's key and an own generator is neither taken for an anchor nor believed in EF.SOD")
    func forgedAnchor() throws {
        let (forged, sign, _) = try forgedCountrySigner()
        var trust = TrustStore()
        #expect(throws: TrustStoreError.self) { try trust.add(Certificate(der: forged)) }
        try trust.add(Certificate(der: state.pki.countrySigner.certificate))
        #expect(throws: TrustStoreError.self) { try trust.add(Certificate(der: forged)) }

        let genuine = state.pki.documentSigner.certificate
        var body = try DERWriter.children(try DERWriter.children(genuine)[0])
        let key = try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256))
        body[6] = try key.subjectPublicKeyInfo
        let signer = CertifiedKey(
            key: key,
            certificate: try Self.certificate(DERWriter.sequence(body), like: genuine, sign: sign))
        for certificates in [[signer.certificate, forged], [forged, signer.certificate], [signer.certificate]] {
            var object = try ForgedSecurityObject(over: state.card.image, signer: signer)
            object.certificates = certificates
            try state.verdict(object).expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
        }
    }

    @Test("a signer's own key with itself for a generator signs nothing, though the CSCA certified it")
    func forgedSigner() throws {
        let key = try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256))
        let point = try Self.point(key)
        var parameters = try CurveParameters(of: key.privateKey)
        parameters.generator = point
        let info = ForgedCurve.subjectPublicKeyInfo(parameters.encoded, point: point)
        var signer = try state.pki.withNewDocumentSigner(documentSigner: { $0.subjectPublicKeyInfo = info })
            .documentSigner
        signer.key = key
        var object = try ForgedSecurityObject(over: state.card.image, signer: signer)
        object.signers[0].sign = {
            try ForgedCurve.signature($0, digest: .sha256, point: point, order: parameters.order)
        }
        try state.verdict(object).expectRefusal(by: .sodSignature, .unusableSignerCertificate)
    }

    @Test("a certificate of the true signer with its own point for a generator breaks the CSCA's signature on it")
    func rewrittenSigner() throws {
        let signer = state.pki.documentSigner
        let point = try Self.point(signer.key)
        var parameters = try CurveParameters(of: signer.key.privateKey)
        parameters.generator = point
        var parts = try DERWriter.children(signer.certificate)
        var body = try DERWriter.children(parts[0])
        body[6] = ForgedCurve.subjectPublicKeyInfo(parameters.encoded, point: point)
        parts[0] = DERWriter.sequence(body)
        var object = try state.securityObject()
        object.certificates = [DERWriter.sequence(parts)]
        object.signers[0].sign = {
            try ForgedCurve.signature($0, digest: .sha256, point: point, order: parameters.order)
        }
        let verdict = try state.verdict(object)
        verdict.expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
        verdict.expectRefusal(by: .sodSignature, .unusableSignerCertificate)
    }

    @Test("explicit parameters with a compressed generator, or with the curve's own seed, are still the curve's")
    func sameCurveOtherwiseWritten() throws {
        let key = try SigningKey(new: .ec(.secp256r1), scheme: .ecdsa(.sha256))
        let point = try Self.point(key)
        let genuine = try CurveParameters(of: key.privateKey)
        var fields = try DERWriter.children(genuine.encoded)
        let seed = hex("C49D360886E704936A6678E1139D26B7819F7E90")
        fields[2] = DERWriter.sequence(DERWriter.octets(genuine.a), DERWriter.octets(genuine.b), DERWriter.bits(seed))
        let seeded = try PublicKey(
            subjectPublicKeyInfo: ForgedCurve.subjectPublicKeyInfo(DERWriter.sequence(fields), point: point))
        #expect(seeded.kind == .ec(.secp256r1))
        var compressed = genuine
        compressed.generator = [2 + (genuine.generator[64] & 1)] + genuine.generator[1..<33]
        let key2 = try PublicKey(
            subjectPublicKeyInfo: ForgedCurve.subjectPublicKeyInfo(compressed.encoded, point: point))
        #expect(key2.kind == .ec(.secp256r1))
    }
}
