import Crypto
import Document

extension Fault {
    /// Changes the card as far as the fault is in its files and keys.
    func apply(to card: inout PersonalisedCard) throws(SimulatorError) {
        switch kind {
        case .cloned:
            try card.replaceChipKeys()
            if let key = card.secrets.activeAuthentication { card.secrets.activeAuthentication = try key.replaced() }
        case .keyless:
            card.secrets.chipAuthenticationKeys = []
            card.secrets.activeAuthentication = nil
        case .downgraded:
            card.image[.cardAccess] = SecurityInfosWriter.securityInfos(
                SecurityInfosWriter.openInfos(pace: [], chipKeys: card.secrets.chipAuthenticationKeys))
        case .unsignedChipKey:
            guard card.image[.dg14] != nil else {
                throw .unsupported(what: "another key in DG14, which the card lacks,")
            }
            try card.replaceChipKeys()
            let keys = card.secrets.chipAuthenticationKeys
            card.image[.dg14] = SecurityInfosWriter.dataGroup14(
                try SecurityInfosWriter.infos(
                    pace: card.pace, chipKeys: keys, publicKeys: keys,
                    activeAuthentication: card.secrets.activeAuthentication))
        case .announcedLength(let file, let count):
            guard let bytes = card.image[file], let tag = bytes.first else {
                throw .unsupported(what: "the length of \(file), which the card lacks,")
            }
            card.image[file] = [tag] + Self.header(count) + Self.content(of: bytes)
        default: break
        }
    }

    /// Changes how the chip behaves.
    func apply(to profile: inout ChipProfile) {
        switch kind {
        case .noExtendedLength:
            profile.supportsExtendedLength = false
        case .moreData(let chunk): profile.answerChunkByteCount = chunk
        case .endOfFile(let endOfFile): profile.endOfFile = endOfFile
        case .noMasterFile: profile.hasMasterFile = false
        case .noCommonFile: profile.hiddenFiles.insert(.com)
        case .controlInformation(let information): profile.fileControlInformation = information
        default: break
        }
    }

    /// Changes how the chip misbehaves in the command of that number.
    func apply(to misbehaviour: inout ChipMisbehaviour, at index: Int) {
        guard occurrence.includes(index) else { return }
        switch kind {
        case .protection(let flaw): misbehaviour.flaw = flaw
        case .losesMessaging: misbehaviour.losesMessaging = true
        case .paceKey(let key): misbehaviour.badKey = key
        case .stopsProving: misbehaviour.stopsProving = true
        case .replaysSignature: misbehaviour.replaysSignature = true
        case .empty: misbehaviour.emptiesAnswer = true
        default: break
        }
    }

    /// The length bytes that announce `count`; nil for endless ones.
    private static func header(_ count: Int?) -> [UInt8] {
        guard let count else { return [UInt8](repeating: 0xFF, count: 128) }
        return TLVEncoder.length(count)
    }

    /// What stands behind tag and length.
    private static func content(of file: [UInt8]) -> [UInt8] {
        var cursor = TLVCursor(file.span)
        guard let element = try? cursor.next() else { return [] }
        return cursor.copy(element.content)
    }
}

extension PersonalisedCard {
    /// Gives the chip other keys of the same kinds.
    fileprivate mutating func replaceChipKeys() throws(SimulatorError) {
        let keys = try secrets.chipAuthenticationKeys.map { (key) throws(SimulatorError) in try key.replaced() }
        let others = try secrets.mappingKeys.map { (key) throws(SimulatorError) in try key.replaced() }
        secrets.chipAuthenticationKeys = keys
        // Where the mapping uses a key of chip authentication, it still does.
        secrets.mappingKeys = others.map { other in keys.first { $0.curve == other.curve } ?? other }
    }
}

extension ActiveAuthenticationKey {
    /// Another key of the same kind.
    fileprivate func replaced() throws(SimulatorError) -> ActiveAuthenticationKey {
        let kind = try mapping { () throws(CryptoError) in
            try PublicKey(subjectPublicKeyInfo: key.privateKey.subjectPublicKeyInfo).kind
        }
        let newKind: KeyKind =
            switch kind {
            case .ec(let curve): .ec(curve)
            case .rsa(let bits): .rsa(bits: bits)
            }
        return ActiveAuthenticationKey(
            try SigningKey(new: newKind, scheme: key.scheme, curveEncoding: key.curveEncoding))
    }
}
