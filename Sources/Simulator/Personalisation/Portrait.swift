import Document
import FoundationEssentials

/// A face image and how it is stored in DG2.
public struct Portrait: Equatable, Sendable {
    /// The compressions that ISO/IEC 19794-5 knows.
    public enum Kind: UInt8, Sendable {
        case jpeg = 0
        case jpeg2000 = 1
    }

    /// The image file.
    public var bytes: [UInt8]
    /// Its compression.
    public var kind: Kind
    /// Its width in pixels.
    public var width: UInt16
    /// Its height in pixels.
    public var height: UInt16

    /// - Parameters:
    ///   - bytes: The image file.
    ///   - kind: Its compression.
    ///   - width: Its width in pixels.
    ///   - height: Its height in pixels.
    public init(bytes: [UInt8], kind: Kind, width: UInt16, height: UInt16) {
        self.bytes = bytes
        self.kind = kind
        self.width = width
        self.height = height
    }

    /// A drawn face of nobody, JPEG 2000, from `Fixtures/Portrait`.
    public static let placeholder = Portrait(
        bytes: Data(base64Encoded: PlaceholderPortrait.base64).map(Array.init) ?? [], kind: .jpeg2000,
        width: PlaceholderPortrait.width, height: PlaceholderPortrait.height)

    /// DG2: one biometric template with one facial record (Doc 9303-10, 4.7.2; ISO/IEC 7816-11; ISO/IEC 19794-5).
    func dataGroup2(sex: Sex) -> [UInt8] {
        let header = TLVEncoder.element(
            0xA1,
            [
                TLVEncoder.element(0x80, [0x01, 0x01]),  // version of the patron header
                TLVEncoder.element(0x81, [0x02]),  // facial features
                TLVEncoder.element(0x82, [0x00]),  // no subtype
                TLVEncoder.element(0x87, [0x01, 0x01]),  // format owner: ISO/IEC JTC 1/SC 37
                TLVEncoder.element(0x88, [0x00, 0x08]),  // format type: facial record
            ])
        let template = TLVEncoder.element(0x7F60, [header, TLVEncoder.element(0x5F2E, facialRecord(sex: sex))])
        let group = TLVEncoder.element(0x7F61, [DER.integer(1), template])
        return TLVEncoder.element(0x75, group)
    }

    /// Facial record (ISO/IEC 19794-5:2005, 5.3 to 5.8): headers of 14, 20 and 12 bytes, then the image.
    private func facialRecord(sex: Sex) -> [UInt8] {
        let blockLength = UInt32(20 + 12 + bytes.count)
        let recordHeader = Array("FAC\0010\0".utf8) + bigEndian(14 + blockLength) + [0x00, 0x01]
        let gender: UInt8 =
            switch sex {
            case .unspecified: 0
            case .male: 1
            case .female: 2
            }
        let facialInformation =
            bigEndian(blockLength) + [0, 0] + [gender, 0, 0] + [0, 0, 0] + [0, 0] + [0, 0, 0] + [0, 0, 0]
        let fullFrontal: UInt8 = 1
        let sRGB: UInt8 = 1
        let imageInformation =
            [fullFrontal, kind.rawValue] + bigEndian(width) + bigEndian(height) + [sRGB, 0, 0, 0, 0, 0]
        return recordHeader + facialInformation + imageInformation + bytes
    }

    private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
