import Document

/// The files of the chip: the master file and the ICAO application, with who may read what.
struct ChipFiles: Sendable {
    /// The two directories.
    enum Directory: Sendable {
        case masterFile
        case application
    }

    /// When a file may be read.
    enum Rule: Equatable, Sendable {
        case always
        case afterAccess
        /// After a terminal has shown these rights.
        case afterTerminalAuthentication(TerminalRights)
    }

    /// A transparent elementary file.
    struct File: Sendable {
        let identifier: UInt16
        let shortIdentifier: UInt8
        let rule: Rule
        let bytes: [UInt8]
    }

    /// The name of the ICAO application (Doc 9303-10, 3.6.3).
    static let applicationIdentifier: [UInt8] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]
    /// EF.CVCA (BSI TR-03110-3, A.1.2): which authorities' terminals the chip accepts.
    static let trustFileIdentifier: UInt16 = 0x011C
    /// The identifier of the master file.
    static let masterFileIdentifier: UInt16 = 0x3F00

    private let masterFile: [File]
    private let application: [File]

    init(_ image: CardImage, profile: ChipProfile) {
        var masterFile = [
            File(
                identifier: 0x2F00, shortIdentifier: 0x1E, rule: .always,
                bytes: TLVEncoder.element(0x61, TLVEncoder.element(0x4F, Self.applicationIdentifier)))
        ]
        if profile.supportsExtendedLength {
            masterFile.append(
                File(identifier: 0x2F01, shortIdentifier: 0x01, rule: .always, bytes: Self.information(profile)))
        }
        var application: [File] = []
        for (file, bytes) in image.files where !profile.hiddenFiles.contains(file) {
            let rule: Rule =
                switch file {
                case .cardAccess: .always
                case .dg3: .afterTerminalAuthentication(.fingerprints)
                case .dg4: .afterTerminalAuthentication(.irises)
                default: .afterAccess
                }
            let entry = File(
                identifier: file.fileIdentifier, shortIdentifier: file.shortFileIdentifier, rule: rule, bytes: bytes)
            switch file {
            case .cardAccess, .cardSecurity: masterFile.append(entry)
            default: application.append(entry)
            }
        }
        self.masterFile = masterFile
        self.application = application
    }

    /// The file with that identifier; nil when the directory has none.
    func file(_ identifier: UInt16, in directory: Directory) -> File? {
        files(in: directory).first { $0.identifier == identifier }
    }

    /// The file with that short identifier; nil when the directory has none.
    func file(short identifier: UInt8, in directory: Directory) -> File? {
        files(in: directory).first { $0.shortIdentifier == identifier }
    }

    private func files(in directory: Directory) -> [File] {
        switch directory {
        case .masterFile: masterFile
        case .application: application
        }
    }

    /// EF.ATR/INFO: the capabilities, and the longest command and answer (ISO/IEC 7816-4, 12.7.1).
    private static func information(_ profile: ChipProfile) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] {
            let limited = UInt16(min(max(value, 0), Int(UInt16.max)))
            return TLVEncoder.element(.integer, [UInt8(limited >> 8), UInt8(limited & 0xFF)])
        }
        let limits = number(profile.maximumCommandByteCount) + number(profile.maximumResponseByteCount)
        return TLVEncoder.element(0x47, AnswerToReset.capabilities) + TLVEncoder.element(0x7F66, limits)
    }
}
