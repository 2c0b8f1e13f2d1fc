import Crypto
import Document
import FoundationEssentials

/// What is known of one card when it is judged: the files, and what came with them.
public struct Evidence: Sendable {
    /// What a registry says about the loss of the document.
    public enum LossReport: Sendable {
        /// No registry was asked.
        case notAsked
        /// The registry that was asked knows of no loss.
        case none
        /// The document was reported lost.
        case reported
    }

    /// The files that were read.
    public var image: CardImage
    /// Files that were hashed while they were read, so that they need not be hashed again. One that is not the file in
    /// `image`, or was hashed otherwise than EF.SOD says, is not looked at.
    public var digests: [ElementaryFile: DigestedBytes]
    /// What the chip did to prove that it is the original.
    public var proofs: ChipProofs
    /// The moment at which validity is judged.
    public var date: Date
    /// The text of the QR code on the card, if it was scanned.
    public var qrText: QRText?
    /// The personal number that the holder gave, if one was.
    public var personalNumber: PersonalNumber?
    /// What a registry says about the loss of the document.
    public var lossReport: LossReport

    /// - Parameters:
    ///   - image: The files that were read.
    ///   - digests: Files that were hashed while they were read.
    ///   - proofs: What the chip did to prove that it is the original; a stored image has no proofs.
    ///   - date: The moment at which validity is judged.
    ///   - qrText: The text of the QR code on the card, if it was scanned.
    ///   - personalNumber: The personal number that the holder gave, if one was.
    ///   - lossReport: What a registry says about the loss of the document.
    public init(
        image: CardImage, digests: [ElementaryFile: DigestedBytes] = [:], proofs: ChipProofs = ChipProofs(),
        date: Date = Date(), qrText: QRText? = nil, personalNumber: PersonalNumber? = nil,
        lossReport: LossReport = .notAsked
    ) {
        self.image = image
        self.digests = digests
        self.proofs = proofs
        self.date = date
        self.qrText = qrText
        self.personalNumber = personalNumber
        self.lossReport = lossReport
    }
}
