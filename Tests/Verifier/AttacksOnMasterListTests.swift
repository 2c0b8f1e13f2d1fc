import Crypto
import Document
import Foundation
import Simulator
import Testing
import Verifier

@Suite("Attacks with a master list")
struct AttacksOnMasterListTests {
    private static let contentType = ObjectIdentifier([2, 23, 136, 1, 1, 2])

    private let state: ForgedState

    init() throws { state = try ForgedState.shared() }

    /// A signer of master lists under `state`.
    private func signer(
        under state: TestPKI, _ options: TestPKI.Options = TestPKI.Options(), isCertified: Bool = true
    ) throws -> CertifiedKey {
        try state.withNewDocumentSigner(
            options,
            documentSigner: {
                if isCertified { $0.extensions.append(.extendedKeyUsage([MasterList.signingKeyUsage])) }
            }
        ).documentSigner
    }

    private func list(of certificates: [[UInt8]], by signer: CertifiedKey) throws -> ForgedSecurityObject {
        var object = try ForgedSecurityObject(over: state.card.image, signer: signer)
        object.contentType = Self.contentType
        object.contentOverride = DERWriter.sequence(DERWriter.integer(0), DERWriter.set(certificates))
        return object
    }

    /// What comes of importing it into an empty store.
    private func imported(_ object: ForgedSecurityObject) throws -> TrustImport {
        let file = try object.file()
        var cursor = TLVCursor(file.span)
        let content = Array(file[try cursor.next(0x77).content])
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".ml")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(content).write(to: path)
        var intake = TrustImport(into: TrustStore())
        try intake.take(file: path.path)
        intake.finish()
        return intake
    }

    private func expectRefusal(
        _ object: ForgedSecurityObject, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let intake = try imported(object)
        #expect(intake.store.entries.isEmpty, "\(comment)", sourceLocation: sourceLocation)
        #expect(intake.items.count == 1, "\(comment)", sourceLocation: sourceLocation)
        guard case .refused = intake.items.first?.result else {
            Issue.record("\(comment): \(intake.items)", sourceLocation: sourceLocation)
            return
        }
    }

    @Test("the list that the attacks start from comes in whole")
    func start() throws {
        let stranger = try TestPKI().countrySigner.certificate
        let object = try list(of: [state.pki.countrySigner.certificate, stranger], by: signer(under: state.pki))
        let intake = try imported(object)
        #expect(intake.store.anchors.count == 2, "\(intake.items)")
    }

    @Test("a list whose signer is under a CSCA that is neither listed nor trusted is refused whole")
    func foreignSigner() throws {
        let foreign = try signer(under: TestPKI())
        try expectRefusal(list(of: [state.pki.countrySigner.certificate], by: foreign), "namesake")
        var options = TestPKI.Options()
        options.countrySignerName = "A CSCA that nobody lists"
        try expectRefusal(
            list(of: [state.pki.countrySigner.certificate], by: signer(under: TestPKI(options))), "stranger")
        var carried = try list(of: [state.pki.countrySigner.certificate], by: foreign)
        carried.certificates.append(try TestPKI().countrySigner.certificate)
        try expectRefusal(carried, "with a CSCA beside the list")
    }

    @Test("a list whose signer is of another country than his CSCA is refused whole")
    func country() throws {
        var options = TestPKI.Options()
        options.country = "LA"
        try expectRefusal(
            list(of: [state.pki.countrySigner.certificate], by: signer(under: state.pki, options)))
    }

    @Test("a list by a signer who is not certified for master lists, by a CSCA itself, or by nobody, is refused whole")
    func uncertified() throws {
        let anchor = state.pki.countrySigner.certificate
        try expectRefusal(list(of: [anchor], by: signer(under: state.pki, isCertified: false)), "document signer")
        try expectRefusal(list(of: [anchor], by: state.pki.countrySigner), "CSCA")
        var unsigned = try list(of: [anchor], by: signer(under: state.pki))
        unsigned.signers = []
        try expectRefusal(unsigned, "nobody")
    }

    @Test("a list with another content type, in the content or in the signed attribute, is refused whole")
    func contentType() throws {
        var object = try list(of: [state.pki.countrySigner.certificate], by: signer(under: state.pki))
        object.signers[0].attributeContentType = LDSSecurityObject.contentType
        try expectRefusal(object, "attribute")
        object.signers[0].attributeContentType = nil
        object.contentType = LDSSecurityObject.contentType
        try expectRefusal(object, "content")
    }

    @Test(
        "a list whose signature is over other content, or over the content instead of the attributes, is refused whole")
    func signature() throws {
        var object = try list(of: [state.pki.countrySigner.certificate], by: signer(under: state.pki))
        object.signers[0].digestedContent = [0]
        try expectRefusal(object, "digest")
        object.signers[0].digestedContent = nil
        object.signers[0].signedMessage = { content, _ in content }
        try expectRefusal(object, "content")
    }
}
