import Crypto
import Document
import FoundationEssentials
import Simulator
import Verifier

/// Card archives to measure with, made by the simulator: invented people, a CSCA, its document signers.
struct BenchRecords {
    /// The CSCA's certificate.
    let anchor: Certificate
    /// The document signers, all of one algorithm.
    private let signers: [TestPKI]
    private let chipKeys: [ChipAuthenticationKey]
    let algorithm: BenchAlgorithm

    /// Makes the keys. The CSCA signs with P-256, whatever the document signers sign with.
    init(_ algorithm: BenchAlgorithm, signers count: Int) throws {
        self.algorithm = algorithm
        var options = TestPKI.Options()
        options.countrySignerKey = .ec(.secp256r1)
        options.countrySignerScheme = .ecdsa(.sha256)
        options.documentSignerKey = algorithm.key
        options.documentSignerScheme = algorithm.scheme
        let state = try TestPKI(options)
        var signers = [state]
        while signers.count < count { signers.append(try state.withNewDocumentSigner(options)) }
        self.signers = signers
        anchor = try Certificate(der: state.countrySigner.certificate)
        chipKeys = try (0..<8).map { _ in try ChipAuthenticationKey(newOn: .brainpoolP256r1) }
    }

    /// Writes an archive in which the signers take turns.
    ///
    /// - Parameters:
    ///   - path: The archive.
    ///   - recordsPerSigner: Distinct records by each signer.
    ///   - portraitByteCount: Size of the face image; none for cards without DG2.
    func write(_ path: String, recordsPerSigner: Int, portraitByteCount: Int) throws {
        let writer = try CardArchiveWriter(path)
        var people = CitizenGenerator(seed: 1)
        var noise = try Random.bytes(max(1, portraitByteCount))
        for index in 0..<recordsPerSigner * signers.count {
            var card = Personalisation(people.next())
            card.chipAuthenticationKeys = [chipKeys[index % chipKeys.count]]
            if portraitByteCount == 0 {
                card.dataGroups.remove(2)
            } else {
                // Bytes that do not compress, different on each card: they are hashed, not looked at.
                for place in 0..<min(4, noise.count) { noise[place] = UInt8(truncatingIfNeeded: index >> (8 * place)) }
                card.portrait = Portrait(bytes: noise, kind: .jpeg2000, width: 480, height: 640)
            }
            try writer.append(card.card(signedBy: signers[index % signers.count]).image)
        }
        try writer.finish()
    }
}
