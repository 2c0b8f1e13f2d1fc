import Document
import Verifier

/// The body of `POST /v1/verify`.
struct ImageVerificationRequest: Sendable, Decodable {
    private enum Keys: String, CodingKey { case cardImage, qr, at, texts }

    /// What is judged.
    var image: CardImage
    /// The text of the QR code on the card, to compare with.
    var qrText: QRText?
    /// The day as of which validity is judged; nil for now.
    var day: CalendarDate?
    /// The languages in which the verdict is told in sentences.
    var texts: [VerdictLanguage]

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        image = try Self.image(keys)
        qrText = try Self.qrText(keys)
        day = try keys.optionalDay(.at)
        texts = try keys.languages(.texts)
    }

    private static func image(_ keys: KeyedDecodingContainer<Keys>) throws -> CardImage {
        do {
            let image = try keys.decode(CardImage.self, forKey: .cardImage)
            guard !image.files.isEmpty else { throw keys.unacceptable(.cardImage, "there is no file in it") }
            return image
        } catch let error as DocumentError {
            throw keys.unacceptable(.cardImage, "\(error)")
        }
    }

    private static func qrText(_ keys: KeyedDecodingContainer<Keys>) throws -> QRText? {
        guard let text = try keys.optionalText(.qr, limit: QRText.maximumByteCount) else { return nil }
        do throws(DocumentError) {
            return try QRText(text)
        } catch {
            throw keys.unacceptable(.qr, "\(error)")
        }
    }
}
