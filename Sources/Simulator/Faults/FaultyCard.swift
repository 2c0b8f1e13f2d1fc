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
                    pace: card.pace, chipKeys: keys, publicKeys: keys.isEmpty ? card.secrets.mappingKeys : keys,
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
        case .protection(let name): misbehaviour.flaw = ProtectionFlaw(rawValue: name)
        case .losesMessaging: misbehaviour.losesMessaging = true
        case .paceKey(let name, let inMapping):
            misbehaviour.badKey = BadPublicKey.Kind(rawValue: name).map { BadPublicKey(kind: $0, inMapping: inMapping) }
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
        var keys: [ChipAuthenticationKey] = []
        for key in secrets.chipAuthenticationKeys { keys.append(try key.replaced()) }
        secrets.chipAuthenticationKeys = keys
        var mappingKeys: [ChipAuthenticationKey] = []
        for key in secrets.mappingKeys {
            let known = keys.first { $0.curve == key.curve }
            if let known {
                mappingKeys.append(known)
            } else {
                mappingKeys.append(try key.replaced())
            }
        }
        secrets.mappingKeys = mappingKeys
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
