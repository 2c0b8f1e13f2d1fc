import Document

/// SELECT and READ BINARY (Doc 9303-10, 3.6; ISO/IEC 7816-4, 11.1 and 11.2).
extension ChipState {
    mutating func select(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard [0x00, 0x04, 0x0C].contains(command.p2) else { throw ChipRefusal(status: .wrongParameters) }
        switch command.p1 {
        case 0x04: return try selectApplication(command)
        case 0x00 where command.data.isEmpty: return try selectMasterFile(command)
        case 0x00, 0x02:
            guard command.data.count == 2 else { throw ChipRefusal(status: .wrongLength) }
            let identifier = UInt16(command.data[0]) << 8 | UInt16(command.data[1])
            if command.p1 == 0x00, identifier == ChipFiles.masterFileIdentifier { return try selectMasterFile(command) }
            return try selectFile(identifier, command)
        default: throw ChipRefusal(status: .wrongParameters)
        }
    }

    private mutating func selectApplication(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard command.data == ChipFiles.applicationIdentifier else { throw ChipRefusal(status: .fileNotFound) }
        directory = .application
        currentFile = nil
        return controlInformation(command, [(0x84, ChipFiles.applicationIdentifier)])
    }

    private mutating func selectMasterFile(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard profile.hasMasterFile else { throw ChipRefusal(status: .fileNotFound) }
        directory = .masterFile
        currentFile = nil
        return controlInformation(command, [(0x83, [0x3F, 0x00])])
    }

    private mutating func selectFile(_ identifier: UInt16, _ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        let file = file(identifier)
        let isOpen = file.map { $0.rule == .always } ?? (directory == .masterFile)
        // Before access a chip does not tell which protected files it has (Doc 9303-11, 4.4.2).
        guard isOpen || hasAccess || profile.selectsProtectedFiles else {
            throw ChipRefusal(status: .securityStatusNotSatisfied)
        }
        guard let file else { throw ChipRefusal(status: .fileNotFound) }
        guard isReadable(file) || profile.selectsProtectedFiles || file.rule == .afterAccess else {
            throw ChipRefusal(status: .securityStatusNotSatisfied)
        }
        currentFile = file
        let size = UInt16(truncatingIfNeeded: file.bytes.count)
        return controlInformation(
            command,
            [
                (0x80, [UInt8(size >> 8), UInt8(size & 0xFF)]), (0x82, [0x01]),
                (0x83, [UInt8(identifier >> 8), UInt8(identifier & 0xFF)]), (0x88, [file.shortIdentifier << 3]),
            ])
    }

    /// What P2 asks for: FCI in 6F, FCP in 62, or nothing.
    private func controlInformation(_ command: CommandAPDU, _ objects: [(Tag, [UInt8])]) -> ChipResponse {
        switch profile.fileControlInformation {
        case .never: return ChipResponse()
        case .asAsked where command.p2 == 0x0C: return ChipResponse()
        case .asAsked, .always:
            let content = objects.flatMap { TLVEncoder.element($0.0, $0.1) }
            return ChipResponse(data: TLVEncoder.element(command.p2 == 0x04 ? 0x62 : 0x6F, content))
        }
    }

    mutating func readBinary(_ command: CommandAPDU, capacity: Int) throws(ChipRefusal) -> ChipResponse {
        guard command.data.isEmpty else { throw ChipRefusal(status: .wrongLength) }
        let isByShortIdentifier = command.p1 & 0x80 != 0
        if isByShortIdentifier {
            guard command.p1 & 0x60 == 0 else { throw ChipRefusal(status: .wrongParameters) }
            try selectForReading(short: command.p1 & 0x1F)
        }
        let offset = Int(isByShortIdentifier ? UInt16(command.p2) : command.parameters)
        let data = try currentBytes(from: offset)
        return try portion(of: data, command, capacity: capacity) { $0 }
    }

    /// The offset comes in DO'54', the data goes in DO'53'; Le counts the whole of the latter (ISO/IEC 7816-4, 11.2.2).
    mutating func readBinaryOdd(_ command: CommandAPDU, capacity: Int) throws(ChipRefusal) -> ChipResponse {
        if (1...30).contains(command.parameters) {
            try selectForReading(short: command.p2)
        } else if command.parameters != 0 {
            guard let file = file(command.parameters) else {
                throw ChipRefusal(status: hasAccess ? .fileNotFound : .securityStatusNotSatisfied)
            }
            currentFile = file
        }
        let environment = try SecurityEnvironment(command.data)
        guard let bytes = environment[0x54], (1...4).contains(bytes.count) else {
            throw ChipRefusal(status: .wrongData)
        }
        let data = try currentBytes(from: bytes.reduce(0) { $0 << 8 | Int($1) })
        return try portion(of: data, command, capacity: capacity) { TLVEncoder.element(0x53, $0) }
    }

    private mutating func selectForReading(short identifier: UInt8) throws(ChipRefusal) {
        let named = files.file(short: identifier, in: directory)
        let isTrustFile = UInt16(identifier) == ChipFiles.trustFileIdentifier & 0x1F
        guard let file = named ?? (isTrustFile ? file(ChipFiles.trustFileIdentifier) : nil) else {
            let mayTell = hasAccess || directory == .masterFile
            throw ChipRefusal(status: mayTell ? .fileNotFound : .securityStatusNotSatisfied)
        }
        guard isReadable(file) else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        currentFile = file
    }

    private func isReadable(_ file: ChipFiles.File) -> Bool {
        switch file.rule {
        case .always: true
        case .afterAccess: hasAccess
        case .afterTerminalAuthentication(let rights): hasAccess && terminals.rights.isSuperset(of: rights)
        }
    }

    /// The file of that identifier in the directory, EF.CVCA as the authorities are now.
    private func file(_ identifier: UInt16) -> ChipFiles.File? {
        if let file = files.file(identifier, in: directory) { return file }
        guard identifier == ChipFiles.trustFileIdentifier, directory == .application, !terminals.references.isEmpty
        else { return nil }
        return ChipFiles.File(
            identifier: identifier, shortIdentifier: UInt8(identifier & 0x1F), rule: .afterAccess,
            bytes: terminals.trustFile)
    }

    /// What the current file has from `offset` on; at least one byte.
    private func currentBytes(from offset: Int) throws(ChipRefusal) -> ArraySlice<UInt8> {
        guard let currentFile else {
            let mayTell = hasAccess || directory == .masterFile
            throw ChipRefusal(status: mayTell ? .noCurrentFile : .securityStatusNotSatisfied)
        }
        guard isReadable(currentFile) else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        guard offset < currentFile.bytes.count else { throw ChipRefusal(status: .wrongOffset) }
        return currentFile.bytes[offset...]
    }

    /// As much of `data` as Le asks for and the answer can carry in its `form`.
    private func portion(
        of data: ArraySlice<UInt8>, _ command: CommandAPDU, capacity: Int, form: ([UInt8]) -> [UInt8]
    ) throws(ChipRefusal) -> ChipResponse {
        guard command.expectedCount > 0 else { throw ChipRefusal(status: .wrongLength) }
        let room = min(command.expectedCount, capacity)
        // What the form adds depends on the length of what it holds: taken off twice, it fits.
        let overhead = form(Array(data.prefix(room))).count - min(room, data.count)
        let count = min(room - overhead, data.count)
        guard count > 0 else { throw ChipRefusal(status: .wrongLength) }
        let body = form(Array(data.prefix(count)))
        let endsEarly = !command.expectsAll && count == data.count && body.count < command.expectedCount
        guard endsEarly else { return ChipResponse(data: body) }
        switch profile.endOfFile {
        case .warning: return ChipResponse(data: body, status: .endOfFile)
        case .shortAnswer: return ChipResponse(data: body)
        case .rightLength: throw ChipRefusal(status: body.count <= 256 ? .available(body.count) : .wrongLength)
        }
    }
}
