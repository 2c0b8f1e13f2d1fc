import Crypto
import Document
import Foundation
import Simulator
import Testing
import Verifier

@Suite("Variants of EF.SOD")
struct VariantsTests {
    private static let chain: [CheckIdentifier] = [
        .sodStructure, .sodSignature, .signerChain, .signerValidity, .signerUsage, .dataGroupsHash,
    ]

    @Test(
        "each algorithm verifies under its own CSCA, is weak when it is below the floor, and fails under another CSCA",
        arguments: Variant.all)
    func algorithm(_ variant: Variant) throws {
        let state = try variant.state()
        let verdict = try ForgedState.verdict(state.card.image, trusting: [state.pki.countrySigner.certificate])
        for id in Self.chain { #expect(verdict.check(id)?.result == .passed, "\(id) \(verdict.failures)") }
        #expect(verdict.check(.sodMessageDigest)?.result == .passed)
        #expect(verdict.check(.signerStrength)?.result == (variant.isWeak ? .failed : .passed), "\(verdict.failures)")
        #expect(verdict.outcome == (variant.isWeak ? .invalid : .authenticData))
        let stranger = try ForgedState.shared().pki.countrySigner.certificate
        let strange = try ForgedState.verdict(state.card.image, trusting: [stranger])
        #expect(strange.check(.signerChain)?.result != .passed)
        #expect(strange.outcome != .authenticData)
    }

    @Test("there are more than twenty")
    func count() { #expect(Variant.all.count > 20) }

    @Test(
        "RSA signers with unusual public exponents verify",
        arguments: [3, 5, 17, 257, 38129, 0x1_0000_0001, UInt64.max - 58])
    func exponents(_ exponent: UInt64) throws {
        let state = try ForgedState.shared()
        let privateKey = try PrivateKey.generateRSA(bits: 2048, publicExponent: exponent)
        let key = SigningKey(privateKey, scheme: .rsaPKCS1(.sha256))
        var signer = try state.pki.withNewDocumentSigner(documentSigner: {
            if let info = try? key.subjectPublicKeyInfo { $0.subjectPublicKeyInfo = info }
        }).documentSigner
        signer.key = key
        let verdict = try state.verdict(ForgedSecurityObject(over: state.card.image, signer: signer))
        #expect(verdict.outcome == .authenticData, "\(verdict.failures)")
    }

    // MARK: Forms

    /// A form of EF.SOD that is accepted, with what is remarked on it.
    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var structure: [String] = []
        var signature: [String] = []
        var messageDigest = CheckResult.passed
        var make: @Sendable (ForgedSecurityObject, ForgedState) throws -> [UInt8]

        static func object(
            _ name: String, structure: [String] = [], signature: [String] = [],
            messageDigest: CheckResult = .passed,
            _ change: @Sendable @escaping (inout ForgedSecurityObject) throws -> Void
        ) -> Form {
            Form(
                testDescription: name, structure: structure, signature: signature, messageDigest: messageDigest
            ) { object, _ in
                var object = object
                try change(&object)
                return try object.file()
            }
        }
    }

    static let forms: [Form] = [
        .object("LDS security object of version 0") { $0.ldsVersion = 0 },
        .object("LDS security object of version 1") { $0.ldsVersion = 1 },
        .object("signer by key identifier") { $0.signers[0].identifier = .subjectKeyIdentifier },
        .object("no signed attributes", messageDigest: .notApplicable) { $0.signers[0].hasAttributes = false },
        .object("signing time") {
            $0.signers[0].furtherAttributes = [
                ForgedSigner.attribute(5, TLVEncoder.element(.utcTime, Array("210419103000Z".utf8)))
            ]
        },
        .object("a signed attribute that nobody knows") {
            $0.signers[0].furtherAttributes = [ForgedSigner.attribute(99, DERWriter.null)]
        },
        .object("unsigned attributes") {
            $0.signers[0].unsignedAttributes = [ForgedSigner.attribute(99, DERWriter.null)]
        },
        .object("hash algorithms with NULL") {
            let identifier = DERWriter.algorithm(
                DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, 1), DERWriter.null)
            $0.hashIdentifier = identifier
            $0.digestIdentifiers = [identifier]
            $0.signers[0].digestIdentifier = identifier
        },
        .object("signature algorithm with NULL") {
            $0.signers[0].signatureIdentifier = DERWriter.algorithm(
                DERWriter.identifier(1, 2, 840, 10045, 4, 3, 2), DERWriter.null)
        },
        .object("signature algorithm that names the kind of key alone", signature: ["keyAlgorithmForSignature"]) {
            $0.signers[0].signatureIdentifier = DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 10045, 2, 1))
        },
        .object("message digest by another strong hash than the signature") { $0.signers[0].digest = .sha512 },
        .object("two signers of one key") { $0.signers.append($0.signers[0]) },
        .object("a second signer whose certificate is not there", signature: ["furtherSignerNotJudged"]) {
            let stranger = try TestPKI().documentSigner
            $0.signers.insert(ForgedSigner(stranger), at: 0)
        },
        .object("further certificates and a revocation list inside") {
            let pki = try TestPKI()
            $0.certificates.append(pki.countrySigner.certificate)
            $0.revocationLists = [
                try ForgedRevocationList(of: pki.countrySigner.certificate).signed(by: pki.countrySigner.key)
            ]
        },
        .object("unsorted signed attributes", structure: ["unsortedAttributes"]) {
            $0.signers[0].adjustAttributes = { $0.sorted { $1.lexicographicallyPrecedes($0) } }
        },
        .object("SignedData of version 1", structure: ["syntaxVersion"]) { $0.version = 1 },
        .object("SignerInfo of version 3 by serial number", structure: ["syntaxVersion"]) { $0.signers[0].version = 3 },
        .object("hash algorithm not announced", structure: ["digestAlgorithmNotAnnounced"]) {
            $0.digestIdentifiers = []
        },
        .object("hash algorithm announced wrongly", structure: ["digestAlgorithmNotAnnounced"]) {
            $0.digestIdentifiers = [DigestAlgorithm.sha1.forgedIdentifier]
        },
        .object("issuer in other letters and spaces", signature: ["issuerNameEncoding"]) {
            try renameIssuer(&$0, " CCCD  simulator", "test csca", isReversed: false)
        },
        .object("issuer in another order", signature: ["issuerNameOrder"]) {
            try renameIssuer(&$0, "cccd simulator", "Test CSCA", isReversed: true)
        },
        .object("serial number in too many bytes", signature: ["serialNumberEncoding"]) {
            let body = try DERWriter.children(try DERWriter.children($0.signers[0].signer.certificate)[0])
            $0.signers[0].identifier = .element(
                DERWriter.sequence(body[3], TLVEncoder.element(.integer, [0, 0] + body[1].dropFirst(2))))
        },
        Form(testDescription: "bytes behind the end", structure: ["trailingBytes"]) { object, _ in
            try object.file() + [0x00, 0x00, 0x90]
        },
        Form(testDescription: "indefinite lengths down to the signers", structure: ["indefiniteLength"]) { object, _ in
            func indefinite(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, 0x80] + content + [0, 0] }
            var fields = try object.fields()
            fields[2] = indefinite(
                0x30,
                object.contentType.encoded
                    + indefinite(
                        0xA0,
                        indefinite(
                            0x24,
                            DERWriter.octets(Array(object.content.prefix(100)))
                                + DERWriter.octets(Array(object.content.dropFirst(100))))))
            let type = DERWriter.identifier(1, 2, 840, 113549, 1, 7, 2)
            return TLVEncoder.element(
                0x77, indefinite(0x30, type + indefinite(0xA0, indefinite(0x30, Array(fields.joined())))))
        },
        Form(
            testDescription: "indefinite lengths and bytes behind the end",
            structure: ["indefiniteLength", "trailingBytes"]
        ) { object, _ in
            let type = DERWriter.identifier(1, 2, 840, 113549, 1, 7, 2)
            let signedData = [0x30, 0x80] + Array(try object.fields().joined()) + [0, 0]
            return TLVEncoder.element(0x77, DERWriter.sequence(type, DERWriter.explicit(0, signedData))) + [0]
        },
        Form(testDescription: "lengths in too many bytes", structure: ["nonMinimalLength"]) { object, _ in
            func long(_ element: [UInt8]) throws -> [UInt8] {
                var cursor = TLVCursor(element.span)
                let content = cursor.copy(try cursor.next().content)
                return [element[0], 0x83, 0x00, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
            }
            var fields = try object.fields()
            fields = try fields.map { $0[0] == 0x02 ? $0 : try long($0) }
            return try long(ForgedSecurityObject.file(fields))
        },
    ]

    private static func renameIssuer(
        _ object: inout ForgedSecurityObject, _ organisation: String, _ name: String, isReversed: Bool
    ) throws {
        let body = try DERWriter.children(try DERWriter.children(object.signers[0].signer.certificate)[0])
        var attributes = [
            CertificateName.Attribute(CertificateName.countryName, "VN", isPrintable: true),
            CertificateName.Attribute(CertificateName.organisationName, organisation, isPrintable: !isReversed),
            CertificateName.Attribute(CertificateName.commonName, name, isPrintable: !isReversed),
        ]
        if isReversed { attributes.reverse() }
        object.signers[0].identifier = .element(
            DERWriter.sequence(CertificateName(attributes: attributes).encoded, body[1]))
    }

    @Test("each form of EF.SOD that States issue is accepted, and what is tolerated in it is told", arguments: forms)
    func form(_ form: Form) throws {
        let state = try ForgedState.shared()
        let verdict = try state.verdict(form.make(state.securityObject(), state))
        #expect(verdict.outcome == .authenticData, "\(verdict.failures)")
        for (id, tolerances) in [(CheckIdentifier.sodStructure, form.structure), (.sodSignature, form.signature)] {
            #expect(verdict.check(id)?.result == .passed)
            #expect(verdict.check(id)?.reason == (tolerances.isEmpty ? .ok : .okWithTolerances), "\(id)")
            #expect(verdict.check(id)?.detail == (tolerances.isEmpty ? nil : .list(tolerances)), "\(id)")
        }
        #expect(verdict.check(.sodMessageDigest)?.result == form.messageDigest)
    }

    @Test("a PKCS#1 DigestInfo without NULL is accepted, and told")
    func digestInfoWithoutNULL() throws {
        let state = try Variant.rsa.state()
        var object = try state.securityObject()
        let key = state.pki.documentSigner.key
        object.signers[0].sign = { message in
            let info = DERWriter.sequence(
                DigestAlgorithm.sha256.forgedIdentifier, DERWriter.octets(try Digest.hash(message, with: .sha256)))
            let padding = [UInt8](repeating: 0xFF, count: 256 - info.count - 3)
            return try key.privateKey.rsaPrivateOperation([0, 1] + padding + [0] + info)
        }
        let verdict = try state.verdict(object)
        #expect(verdict.outcome == .authenticData)
        #expect(verdict.check(.sodSignature)?.detail == .list(["digestInfoWithoutNULL"]))
    }
}
