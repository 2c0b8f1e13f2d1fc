import Crypto
import Document
import Simulator
import Testing
import Verifier

@Suite("Attacks on EF.SOD")
struct AttacksOnSecurityObjectTests {
    private let state: ForgedState
    private let good: ForgedSecurityObject

    init() throws {
        state = try ForgedState.shared()
        good = try state.securityObject()
    }

    @Test("the object that the attacks start from is accepted without a remark")
    func start() throws {
        let verdict = try state.verdict(good)
        #expect(verdict.outcome == .authenticData, "\(verdict.failures)")
        #expect(verdict.check(.sodStructure)?.reason == .ok)
        #expect(verdict.check(.sodSignature)?.reason == .ok)
    }

    // MARK: Content

    @Test(
        "a content type other than the LDS security object's is refused by the structure, however well it is signed",
        arguments: [
            ObjectIdentifier([1, 2, 840, 113549, 1, 7, 1]), ObjectIdentifier([2, 23, 136, 1, 1, 2]),
            ObjectIdentifier([2, 23, 136, 1, 1]),
        ])
    func foreignContentType(_ type: ObjectIdentifier) throws {
        var object = good
        object.contentType = type
        try state.verdict(object).expectRefusal(by: .sodStructure, .wrongContentType)
    }

    @Test("a content type in the signed attribute other than the content's is refused by the message digest's check")
    func foreignContentTypeAttribute() throws {
        var object = good
        object.signers[0].attributeContentType = ObjectIdentifier([1, 2, 840, 113549, 1, 7, 1])
        try state.verdict(object).expectRefusal(by: .sodMessageDigest, .contentTypeAttributeMismatch)
    }

    @Test("a signature made over signed attributes does not pass for one over a content that is those attributes")
    func attributesAsContent() throws {
        var attributes: [UInt8] = []
        var signature: [UInt8] = []
        var object = good
        let sign = object.signers[0].sign
        object.signers[0].sign = { message in
            attributes = message
            signature = try sign(message)
            return signature
        }
        _ = try object.file()
        var forged = good
        forged.contentOverride = attributes
        forged.signers[0].hasAttributes = false
        forged.signers[0].sign = { _ in signature }
        try state.verdict(forged).expectRefusal(by: .sodStructure, .malformedSecurityObject)
    }

    @Test("a data group that is listed twice with two hashes is refused by the structure, whichever comes first")
    func dataGroupListedTwice() throws {
        let wrong = (number: 1, hash: [UInt8](repeating: 0xAA, count: 32))
        for index in [0, good.hashes.count] {
            var object = good
            object.hashes.insert(wrong, at: index)
            try state.verdict(object).expectRefusal(by: .sodStructure, .malformedSecurityObject)
        }
    }

    @Test("hashes of data groups below the floor are refused by the strength check, though the signature is strong")
    func weakHashList() throws {
        let object = try ForgedSecurityObject(over: state.card.image, signer: state.pki.documentSigner, digest: .sha1)
        let verdict = try state.verdict(object)
        verdict.expectRefusal(by: .signerStrength, .weakAlgorithm)
        verdict.expectNoFailure(but: [.signerStrength])
    }

    @Test("a message digest below the floor is refused by the strength check, though the signature is strong")
    func weakMessageDigest() throws {
        var object = good
        object.signers[0].digest = .sha1
        let verdict = try state.verdict(object)
        verdict.expectRefusal(by: .signerStrength, .weakAlgorithm)
        verdict.expectNoFailure(but: [.signerStrength])
    }

    @Test(
        "a hash algorithm that is unknown, or has parameters, is refused by the structure",
        arguments: [
            DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 113549, 2, 5)),
            DERWriter.algorithm(DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, 99)),
            DERWriter.algorithm(DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, 1), DERWriter.octets([])),
        ])
    func unknownHash(_ identifier: [UInt8]) throws {
        var object = good
        object.hashIdentifier = identifier
        try state.verdict(object).expectRefusal(by: .sodStructure, .unsupportedAlgorithm)
    }

    @Test("hashes of another length than the algorithm's are refused by the data groups' check")
    func truncatedHash() throws {
        for count in [0, 1, 31] {
            var object = good
            object.hashes[0].hash = Array(object.hashes[0].hash.prefix(count))
            try state.verdict(object).expectRefusal(by: .dataGroupsHash, .hashMismatch)
        }
    }

    @Test("a data group's file with bytes behind its outer tag is refused by its hash")
    func trailingBytesInDataGroup() throws {
        var image = state.image(try good.file())
        for file in [ElementaryFile.dg1, .dg2, .dg13, .dg14] {
            let bytes = try #require(image[file])
            image[file] = bytes + [0x00]
            try ForgedState.verdict(image, trusting: [state.pki.countrySigner.certificate])
                .expectRefusal(by: .dataGroupsHash, .hashMismatch, "\(file)")
            image[file] = bytes
        }
    }

    @Test("a data group that the signer hashed with bytes behind its outer tag is not taken for the holder's data")
    func trailingBytesThatAreSigned() throws {
        var image = state.card.image
        image[.dg1] = try #require(image[.dg1]) + [0x30, 0x00]
        image[.sod] = try ForgedSecurityObject(over: image, signer: state.pki.documentSigner).file()
        try ForgedState.verdict(image, trusting: [state.pki.countrySigner.certificate])
            .expectRefusal(by: .holderConsistency, .malformedData)
    }

    @Test("a data group that EF.SOD does not list is refused by the data groups' check")
    func unlistedDataGroup() throws {
        var object = good
        object.hashes.removeAll { $0.number == 13 }
        try state.verdict(object).expectRefusal(by: .dataGroupsHash, .notListed)
    }

    // MARK: Signed attributes

    @Test("a message digest of other content is refused by the message digest's check, though the signature is right")
    func digestOfOtherContent() throws {
        var object = good
        object.signers[0].digestedContent = object.content + [0x00]
        let verdict = try state.verdict(object)
        verdict.expectRefusal(by: .sodMessageDigest, .messageDigestMismatch)
        #expect(verdict.check(.sodSignature)?.result == .passed)
    }

    @Test("signed attributes with lengths that are not DER are refused by the structure, even signed as they stand")
    func attributesNotInDER() throws {
        var object = good
        object.signers[0].adjustAttributes = { attributes in
            attributes.map { [0x30, 0x81, UInt8($0.count - 2)] + $0.dropFirst(2) }
        }
        try state.verdict(object).expectRefusal(by: .sodStructure, .malformedSecurityObject)
    }

    @Test("signed attributes of indefinite length that were signed as they stand are refused by the signature's check")
    func attributesOfIndefiniteLength() throws {
        var object = good
        object.signers[0].adjustAttributes = { attributes in
            attributes.map { [0x30, 0x80] + $0.dropFirst(2) + [0x00, 0x00] }
        }
        try state.verdict(object).expectRefusal(by: .sodSignature, .wrongSignature)
    }

    @Test("a right message digest with a signature over the content instead of the attributes is refused by the latter")
    func signatureOverContent() throws {
        var object = good
        object.signers[0].signedMessage = { content, _ in content }
        let verdict = try state.verdict(object)
        verdict.expectRefusal(by: .sodSignature, .wrongSignature)
        #expect(verdict.check(.sodMessageDigest)?.result == .passed)
    }

    @Test("a signature over the attributes as they stand, with the tag [0], is refused by the signature's check")
    func signatureOverImplicitTag() throws {
        var object = good
        object.signers[0].signedMessage = { _, attributes in [0xA0] + (attributes ?? []).dropFirst() }
        try state.verdict(object).expectRefusal(by: .sodSignature, .wrongSignature)
    }

    @Test("signed attributes without message digest or content type are refused by the message digest's check")
    func missingAttributes() throws {
        for arc in [UInt8(3), 4] {
            var object = good
            object.signers[0].adjustAttributes = { $0.filter { $0[12] != arc } }
            try state.verdict(object).expectRefusal(by: .sodMessageDigest, .incompleteSignedAttributes)
        }
    }

    @Test("an attribute that stands twice, or has two values or none, is refused by the structure")
    func ambiguousAttributes() throws {
        let other = DERWriter.octets([UInt8](repeating: 0x55, count: 32))
        let changes: [([[UInt8]]) -> [[UInt8]]] = [
            { $0 + [ForgedSigner.attribute(4, other)] },
            { [ForgedSigner.attribute(4, other)] + $0 },
            { [$0[0], ForgedSigner.attribute(4, other + other)] },
            { [$0[0], ForgedSigner.attribute(4, [])] },
            { [$0[0], ForgedSigner.attribute(4, DERWriter.integer(7))] },
        ]
        for (index, change) in changes.enumerated() {
            var object = good
            object.signers[0].adjustAttributes = change
            try state.verdict(object).expectRefusal(by: .sodStructure, .malformedSecurityObject, "change \(index)")
        }
    }

    @Test("a signing time outside the validity of the signer's certificate is refused by the validity check")
    func signingTime() throws {
        for (text, reason) in [
            ("200101000000Z", CheckReason.signedOutsideValidity), ("500101000000Z", .signedOutsideValidity),
            ("350101000000Z", .signedOutsideKeyUsagePeriod),
        ] {
            var object = good
            object.signers[0].furtherAttributes = [
                ForgedSigner.attribute(5, TLVEncoder.element(.utcTime, Array(text.utf8)))
            ]
            try state.verdict(object).expectRefusal(by: .signerValidity, reason, text)
        }
    }

    @Test("a signing time that is no time is not passed over")
    func malformedSigningTime() throws {
        var object = good
        object.signers[0].furtherAttributes = [
            ForgedSigner.attribute(5, TLVEncoder.element(.utcTime, Array("no time".utf8)))
        ]
        #expect(try state.verdict(object).outcome == .invalid)
    }

    // MARK: Signers

    @Test("a second signer whose signature is wrong is refused, whichever comes first, though the other is right")
    func secondSignerWrong() throws {
        var wrong = good.signers[0]
        wrong.sign = { [sign = wrong.sign] in try sign($0 + [0]) }
        for signers in [[wrong, good.signers[0]], [good.signers[0], wrong]] {
            var object = good
            object.signers = signers
            try state.verdict(object).expectRefusal(by: .sodSignature, .wrongSignature)
        }
    }

    @Test("an EF.SOD without signers is refused by the structure")
    func noSigner() throws {
        var object = good
        object.signers = []
        try state.verdict(object).expectRefusal(by: .sodStructure, .malformedSecurityObject)
    }

    @Test("without signed attributes, a hash algorithm other than the signature's is refused")
    func foreignDigestWithoutAttributes() throws {
        for digest in [DigestAlgorithm.sha1, .sha224, .sha512] {
            var object = good
            object.signers[0].hasAttributes = false
            object.signers[0].digest = digest
            try state.verdict(object).expectRefusal(by: .sodMessageDigest, .unsupportedAlgorithm)
        }
    }

    @Test("a signature algorithm with parameters that do not belong to it is refused")
    func signatureParameters() throws {
        for parameters in [DERWriter.octets([]), DERWriter.integer(1), DERWriter.sequence()] {
            var object = good
            object.signers[0].signatureIdentifier = DERWriter.algorithm(
                DERWriter.identifier(1, 2, 840, 10045, 4, 3, 2), parameters)
            try state.verdict(object).expectRefusal(by: .sodSignature, .unsupportedAlgorithm)
        }
    }
}
