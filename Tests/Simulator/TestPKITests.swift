import Crypto
import Document
import Foundation
import Testing

@testable import Simulator

@Suite("A test PKI")
struct TestPKITests {
    struct Algorithm: CustomTestStringConvertible, Sendable {
        var key: KeyKind
        var scheme: SignatureScheme
        var encoding: CurveEncoding
        var testDescription: String { "\(key) \(scheme.label) \(encoding)" }

        static let all: [Algorithm] = {
            let curves: [NamedCurve] = [
                .secp192r1, .secp224r1, .secp256r1, .secp384r1, .secp521r1, .brainpoolP160r1, .brainpoolP192r1,
                .brainpoolP224r1, .brainpoolP256r1, .brainpoolP320r1, .brainpoolP384r1, .brainpoolP512r1,
                .brainpoolP256t1,
            ]
            var all: [Algorithm] = []
            for curve in curves {
                for encoding in [CurveEncoding.named, .explicit] {
                    all.append(Algorithm(key: .ec(curve), scheme: .ecdsa(.fitting(curve)), encoding: encoding))
                }
            }
            for digest in DigestAlgorithm.allCases {
                all.append(Algorithm(key: .ec(.secp256r1), scheme: .ecdsa(digest), encoding: .named))
                all.append(Algorithm(key: .rsa(bits: 2048), scheme: .rsaPKCS1(digest), encoding: .named))
                all.append(
                    Algorithm(
                        key: .rsa(bits: 2048),
                        scheme: .rsaPSS(digest: digest, mgf1: digest, saltLength: digest.byteCount),
                        encoding: .named))
            }
            return all
        }()
    }

    @Test("the openssl command verifies the document signer's certificate against the CSCA's", arguments: Algorithm.all)
    func chain(_ algorithm: Algorithm) throws {
        var options = TestPKI.Options()
        options.countrySignerKey = algorithm.key
        options.countrySignerScheme = algorithm.scheme
        options.documentSignerKey = algorithm.key
        options.documentSignerScheme = algorithm.scheme
        options.curveEncoding = algorithm.encoding
        let pki = try TestPKI(options)
        // `openssl verify` refuses explicit parameters by principle; there the signatures are asked for one by one.
        guard algorithm.encoding == .named else {
            try expectSignature(on: pki.countrySigner.certificate, by: pki.countrySigner.certificate)
            try expectSignature(on: pki.documentSigner.certificate, by: pki.countrySigner.certificate)
            return
        }
        // Security level 0 lets the small curves and SHA-1 through, which States still have in the field.
        let output = try OpenSSLCommand.run(
            ["verify", "-auth_level", "0", "-check_ss_sig", "-CAfile", "csca.pem", "dsc.pem"],
            files: [
                "csca.pem": OpenSSLCommand.pem(pki.countrySigner.certificate),
                "dsc.pem": OpenSSLCommand.pem(pki.documentSigner.certificate),
            ])
        #expect(output.status == 0, "\(output.text)")
    }

    private func expectSignature(on certificate: [UInt8], by issuer: [UInt8]) throws {
        var outer = TLVCursor(certificate.span, rules: .der)
        var fields = outer.inside(try outer.next(.sequence))
        let body = fields.copy(try fields.next(.sequence).range)
        _ = try fields.next(.sequence)
        let signature = Array(fields.copy(try fields.next(.bitString).content).dropFirst())
        let digest = try #require(try Certificate(der: certificate).signatureDigest)
        let key = try OpenSSLCommand.run(
            ["x509", "-inform", "DER", "-in", "issuer.cer", "-noout", "-pubkey"], files: ["issuer.cer": issuer])
        let output = try OpenSSLCommand.run(
            ["dgst", "-\(digest.rawValue)", "-verify", "key.pem", "-signature", "signature", "body"],
            files: ["key.pem": Array(key.text.utf8), "signature": signature, "body": body])
        #expect(output.status == 0 && key.text.hasPrefix("-----BEGIN"), "\(output.text)\(key.text)")
    }

    @Test("the certificates carry the extensions of Doc 9303-12's profile")
    func profile() throws {
        let pki = try TestPKI()
        func text(_ certificate: [UInt8]) throws -> String {
            try OpenSSLCommand.run(
                ["x509", "-inform", "DER", "-in", "c.cer", "-noout", "-text"], files: ["c.cer": certificate]
            ).text
        }
        let authority = try text(pki.countrySigner.certificate)
        #expect(authority.contains("Version: 3 (0x2)"))
        #expect(authority.contains("Subject: C = VN, O = cccd simulator, CN = Test CSCA"))
        #expect(authority.contains("Certificate Sign, CRL Sign"))
        #expect(authority.contains("CA:TRUE, pathlen:0"))
        #expect(authority.contains("Not Before: Jan  1 00:00:00 2021 GMT, Not After: Dec 31 23:59:59 2028 GMT"))
        let signer = try text(pki.documentSigner.certificate)
        #expect(signer.contains("X509v3 Key Usage: critical\n                Digital Signature\n"))
        #expect(signer.contains("Issuer: C = VN, O = cccd simulator, CN = Test CSCA"))
        #expect(signer.contains("X509v3 Authority Key Identifier"))
        #expect(signer.contains("X509v3 Subject Key Identifier"))
        #expect(signer.contains("2.23.136.1.1.6.2"))
        #expect(signer.contains("DirName:/L=VNM"))
        #expect(signer.contains("URI:http://simulator.example/csca.crl"))
        #expect(!signer.contains("Basic Constraints"))
    }

    @Test("the project's own certificate type reads the chain")
    func ownReader() throws {
        let pki = try TestPKI()
        let authority = try Certificate(der: pki.countrySigner.certificate)
        let signer = try Certificate(der: pki.documentSigner.certificate)
        #expect(signer.issuer == authority.subject)
        #expect(signer.isSigned(by: try authority.publicKey()))
        #expect(try authority.publicKey().hasExplicitParameters)
        let stranger = try Certificate(der: try TestPKI().countrySigner.certificate)
        #expect(!signer.isSigned(by: try stranger.publicKey()))
    }

    @Test("a certificate can be given any defect before it is signed")
    func defects() throws {
        let lastDay = CalendarDate.constant(2022, 1, 31)
        let pki = try TestPKI(
            countrySigner: { $0[CertificateExtension.Identifier.basicConstraints] = nil },
            documentSigner: { template in
                template.notAfter = .endOfDay(lastDay)
                template.subject = CertificateName(country: "LA", organisation: "elsewhere", commonName: "Signer")
                template[CertificateExtension.Identifier.keyUsage] = .keyUsage([.keyAgreement])
                template.serialNumber = [1]
            })
        let authority = try Certificate(der: pki.countrySigner.certificate)
        #expect(authority.basicConstraints == nil)
        let signer = try OpenSSLCommand.run(
            ["x509", "-inform", "DER", "-in", "c.cer", "-noout", "-text"],
            files: ["c.cer": pki.documentSigner.certificate]
        ).text
        #expect(signer.contains("Not After : Jan 31 23:59:59 2022 GMT"))
        #expect(signer.contains("Subject: C = LA"))
        #expect(signer.contains("Key Agreement"))
        #expect(signer.contains("Serial Number: 1 (0x1)"))
    }

    @Test("dates after 2049 are written as GeneralizedTime")
    func generalizedTime() throws {
        let pki = try TestPKI(documentSigner: { $0.notAfter = .endOfDay(.constant(2050, 1, 1)) })
        let text = try OpenSSLCommand.run(
            ["asn1parse", "-inform", "DER", "-in", "c.cer"], files: ["c.cer": pki.documentSigner.certificate]
        ).text
        #expect(text.contains("GENERALIZEDTIME   :20500101235959Z"))
        #expect(text.contains("UTCTIME           :210101000000Z"))
    }

    @Test("a forged curve can be shown with the genuine key's point")
    func forgedCurve() throws {
        let genuine = try TestPKI()
        var forged = genuine.countrySigner.key
        var parameters = try CurveParameters(of: forged.privateKey)
        parameters.generator = try SigningKey.subjectPublicKey(try forged.subjectPublicKeyInfo)
        forged.curveEncoding = .parameters(parameters)
        let info = try forged.subjectPublicKeyInfo
        #expect(try SigningKey.subjectPublicKey(info) == parameters.generator)
        #expect(throws: CryptoError.self) { try PublicKey(subjectPublicKeyInfo: info) }
    }

    @Test("a PKI that was saved signs on after loading, and its keys are readable by the owner alone")
    func folder() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = TestPKI.Options()
        options.documentSignerKey = .rsa(bits: 2048)
        options.documentSignerScheme = .rsaPSS(digest: .sha384, mgf1: .sha256, saltLength: 20)
        let made = try TestPKI(options)
        try made.save(to: path)
        let loaded = try TestPKI(folder: path)
        #expect(loaded.countrySigner.certificate == made.countrySigner.certificate)
        #expect(loaded.documentSigner.key.scheme == options.documentSignerScheme)
        let message = Array("message".utf8)
        let key = try Certificate(der: made.documentSigner.certificate).publicKey()
        #expect(
            try key.verify(
                signature: loaded.documentSigner.key.sign(message), message: message,
                scheme: options.documentSignerScheme))
        for name in ["csca.pk8", "dsc.pk8"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        let next = try loaded.withNewDocumentSigner()
        #expect(
            try Certificate(der: next.documentSigner.certificate)
                .isSigned(by: Certificate(der: made.countrySigner.certificate).publicKey()))
    }

    @Test("an unreadable PKI folder is told by the file that is missing")
    func missingFolder() throws {
        #expect(throws: SimulatorError.file(path: "/nonexistent/csca.pk8", reason: "it cannot be read")) {
            try TestPKI(folder: "/nonexistent")
        }
    }

    @Test("names of signature schemes are read back", arguments: Algorithm.all)
    func schemeLabels(_ algorithm: Algorithm) {
        #expect(SignatureScheme(label: algorithm.scheme.label) == algorithm.scheme)
    }

    @Test(
        "what names no signature scheme is refused",
        arguments: [
            "", "ecdsa", "sha256", "ecdsa-sha3", "rsa-pss", "rsa-pss-sha256-sha256-x", "dsa-sha1", "ecdsa-sha256-1",
        ])
    func wrongLabels(_ label: String) { #expect(SignatureScheme(label: label) == nil) }
}
