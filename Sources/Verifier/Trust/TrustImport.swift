import Crypto
import Document
import FoundationEssentials

/// Takes what the field publishes into a trust store, and tells of each entry what became of it.
///
///     var intake = TrustImport(into: try TrustStore(file: "trust.store"))
///     try intake.take(file: "DE_ML.ml")
///     try intake.finish()
///     try intake.store.write(file: "trust.store")
public struct TrustImport: Sendable {
    /// What became of an entry.
    public enum Result: Equatable, Sendable {
        /// It is in the store now.
        case added
        /// It was in the store before; or, for a revocation list, a newer one was.
        case alreadyThere
        /// It was not taken in, for this reason.
        case refused(String)
    }

    /// One entry that was found.
    public struct Item: Equatable, Sendable {
        /// The file, and the place in it where there are several.
        public let source: String
        /// `CSCA`, `document signer`, `revocation list`, `master list`, `trust store` or `file`.
        public let kind: String
        /// The subject, or the issuer of a revocation list; empty when it could not be read.
        public let name: String
        /// The country of the name in capitals; nil when there is none.
        public let country: String?
        /// The kind of its key; nil when it has none or an unknown one.
        public let key: String?
        /// What became of it.
        public let result: Result
    }

    /// The store as it is by now.
    public private(set) var store: TrustStore
    /// Everything that was found, in order.
    public private(set) var items: [Item] = []
    private var pendingLists: [(RevocationList, source: String)] = []

    /// Starts from `store`.
    public init(into store: TrustStore) { self.store = store }

    /// Takes in a file: certificates in DER or PEM, bundles (PKCS#7), a master list, LDIF, a revocation list, or a store.
    ///
    /// Revocation lists wait for `finish()`, since their issuers may come later.
    /// - Throws: `TrustStoreError.unreadable`, `.tooLarge`, `.damaged`: nothing of the file was taken in. What is wrong with
    ///   single entries is told in `items`.
    public mutating func take(file path: String) throws(TrustStoreError) {
        let bytes = try TrustStore.contents(path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard !TrustStoreFile.isOne(bytes) else {
            let other = try TrustStore(file: path)
            let count = store.entries.count
            store.merge(other)
            let added = store.entries.count - count
            items.append(
                Item(
                    source: name, kind: "trust store", name: "\(added) of \(other.entries.count) entries are new",
                    country: nil, key: nil, result: added > 0 ? .added : .alreadyThere))
            return
        }
        do throws(TrustStoreError) {
            try take(bytes, source: name)
        } catch {
            note("file", source: name, .refused("\(error)"))
        }
    }

    /// Takes in a file, or the files of a folder that may hold something to trust.
    public mutating func take(path: String) throws(TrustStoreError) {
        for file in try TrustStore.files(at: path) { try take(file: file) }
    }

    /// Takes in the revocation lists that were found.
    public mutating func finish() {
        for (list, source) in pendingLists {
            let result = attempt { (store) throws(TrustStoreError) in try store.add(list, source: source) }
            note("revocation list", source: source, name: list.issuer, result)
        }
        pendingLists = []
    }

    /// Takes in the content of a file of any kind but a store.
    mutating func take(_ bytes: [UInt8], source: String) throws(TrustStoreError) {
        if let text = String(validating: bytes, as: UTF8.self) {
            if text.contains("-----BEGIN ") { return try take(pem: text, source: source) }
            if LDIF.looksLikeOne(text) { return take(ldif: text, source: source) }
        }
        try take(der: bytes, source: source)
    }

    private mutating func take(der bytes: [UInt8], source: String) throws(TrustStoreError) {
        if let certificate = try? Certificate(der: bytes) {
            take(certificate, source: source)
        } else if let list = try? RevocationList(der: bytes) {
            pendingLists.append((list, source))
        } else if SignedBundle.isSignedData(bytes) {
            try take(signedData: bytes, source: source)
        } else {
            throw .unknownKind
        }
    }

    private mutating func take(pem text: String, source: String) throws(TrustStoreError) {
        let blocks = PEM.blocks(text)
        guard !blocks.isEmpty else { throw .malformed(reason: "no PEM block is whole") }
        for (index, block) in blocks.enumerated() {
            let place = blocks.count == 1 ? source : "\(source) #\(index + 1)"
            do throws(TrustStoreError) {
                guard let der = block else { throw .malformed(reason: "a PEM block that is not base64") }
                try take(der: der, source: place)
            } catch {
                note("file", source: place, .refused("\(error)"))
            }
        }
    }

    private mutating func take(ldif text: String, source: String) {
        for entry in LDIF.entries(text) {
            let place = "\(source) line \(entry.line)"
            for value in entry.values {
                switch value.kind {
                case .certificate:
                    do throws(CryptoError) {
                        let certificate = try Certificate(der: value.bytes)
                        if certificate.basicConstraints?.isCA == true {
                            take(certificate, source: place)
                        } else {
                            take(signer: certificate, source: place)
                        }
                    } catch {
                        note("certificate", source: place, .refused("\(error)"))
                    }
                case .revocationList:
                    do throws(CryptoError) {
                        pendingLists.append((try RevocationList(der: value.bytes), place))
                    } catch {
                        note("revocation list", source: place, .refused("\(error)"))
                    }
                case .masterList:
                    do throws(TrustStoreError) {
                        try take(signedData: value.bytes, source: place)
                    } catch {
                        note("master list", source: place, .refused("\(error)"))
                    }
                }
            }
        }
    }

    /// A master list, or a bundle of certificates that nobody signed.
    private mutating func take(signedData bytes: [UInt8], source: String) throws(TrustStoreError) {
        if let certificates = try SignedBundle.unsignedCertificates(bytes) {
            for (index, der) in certificates.enumerated() { take(listed: der, source: "\(source) #\(index + 1)") }
            return
        }
        let list: MasterList
        do throws(DocumentError) {
            list = try MasterList(bytes)
        } catch {
            throw .malformed(reason: "\(error)")
        }
        let signer = try MasterListSigner(of: list, trust: store)
        note("master list", source: source, name: signer.certificate.subject, .added)
        for (index, range) in list.certificates.enumerated() {
            take(listed: Array(list.bytes[range]), source: "\(source) #\(index + 1)")
        }
    }

    private mutating func take(listed der: [UInt8], source: String) {
        do throws(CryptoError) {
            take(try Certificate(der: der), source: source)
        } catch {
            note("CSCA", source: source, .refused("\(error)"))
        }
    }

    private mutating func take(_ certificate: Certificate, source: String) {
        let result = attempt { (store) throws(TrustStoreError) in try store.add(certificate, source: source) }
        note("CSCA", source: source, name: certificate.subject, key: certificate, result)
    }

    private mutating func take(signer certificate: Certificate, source: String) {
        let result = attempt { (store) throws(TrustStoreError) in try store.add(signer: certificate, source: source) }
        note("document signer", source: source, name: certificate.subject, key: certificate, result)
    }

    private mutating func attempt(
        _ add: (inout TrustStore) throws(TrustStoreError) -> Bool
    ) -> Result {
        do throws(TrustStoreError) {
            return try add(&store) ? .added : .alreadyThere
        } catch {
            return .refused("\(error)")
        }
    }

    private mutating func note(
        _ kind: String, source: String, name: DistinguishedName? = nil, key: Certificate? = nil, _ result: Result
    ) {
        items.append(
            Item(
                source: source, kind: kind, name: name?.text ?? "", country: name?.country?.uppercased(),
                key: key.flatMap { try? $0.publicKey().kind.name }, result: result))
    }
}
