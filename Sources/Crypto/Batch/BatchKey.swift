import Synchronization

/// A document signer's public key with what makes verifying many of its signatures cheap. Shared by all threads.
package final class BatchKey: Sendable {
    /// The key's encoding, from which EVP's key is made when EVP is first asked.
    private let subjectPublicKeyInfo: [UInt8]
    let kind: PublicKey.Kind
    let arithmetic: Arithmetic
    /// How many signatures are expected of the key; 0 when nobody knows.
    private let expectedUses: Double
    private let state: Mutex<State>

    enum Arithmetic: Sendable {
        case curve(CurveArithmetic, ECPoint)
        case rsa(RSAArithmetic)
        /// EVP alone.
        case none
    }

    private struct State {
        var publicKey: PublicKey?
        var usesWithoutTable = 0
        var table: SignerTable?
        var isBuilding = false
        var mayHaveTable = true
    }

    /// How the next signatures of a key are verified.
    enum Plan {
        case table(SignerTable)
        /// The caller is to build the table, with windows of so many bits, and to hand it to `finishBuilding`.
        case build(width: Int)
        case withoutTable
    }

    /// - Parameters:
    ///   - publicKey: Of any kind; one for which there is no fast path is verified by EVP.
    ///   - expectedUses: How many signatures are expected of it; 0 when nobody knows.
    package init(_ publicKey: PublicKey, expectedUses: Double = 0) {
        subjectPublicKeyInfo = publicKey.subjectPublicKeyInfo
        kind = publicKey.kind
        state = Mutex(State(publicKey: publicKey))
        self.expectedUses = expectedUses
        switch publicKey.kind {
        case .rsa: arithmetic = RSAArithmetic(publicKey).map { .rsa($0) } ?? .none
        case .ec(let curve):
            if let point = try? publicKey.ecPoint(), let ready = CurveArithmetic.of(curve) {
                arithmetic = .curve(ready, point)
            } else {
                arithmetic = .none
            }
        }
    }

    /// A key on a curve whose arithmetic is not yet known to others.
    init(_ publicKey: PublicKey, _ curve: CurveArithmetic, _ point: ECPoint) {
        subjectPublicKeyInfo = publicKey.subjectPublicKeyInfo
        kind = publicKey.kind
        state = Mutex(State(publicKey: publicKey))
        expectedUses = 0
        arithmetic = .curve(curve, point)
    }

    /// Another key of the same algorithm and parameters: a point of the same curve, written uncompressed, or a modulus of
    /// the same length. Nil when it is none.
    ///
    /// - Parameters:
    ///   - known: The key that it is like.
    ///   - subjectPublicKeyInfo: The encoding, the same as the known one but for the key's bits.
    ///   - bits: The key's bits.
    ///   - expectedUses: How many signatures are expected of it; 0 when nobody knows.
    package init?(
        like known: BatchKey, subjectPublicKeyInfo: [UInt8], bits: [UInt8], expectedUses: Double = 0
    ) {
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        self.expectedUses = expectedUses
        kind = known.kind
        if case .curve(let curve, _) = known.arithmetic {
            // Asking EVP for the key takes longer than judging a signature by it.
            guard let point = try? curve.points.point(bits) else { return nil }
            arithmetic = .curve(curve, point)
            state = Mutex(State())
            return
        }
        guard let publicKey = try? PublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo), publicKey.kind == known.kind
        else { return nil }
        arithmetic = RSAArithmetic(publicKey).map { .rsa($0) } ?? .none
        state = Mutex(State(publicKey: publicKey))
    }

    /// The key for EVP; nil when EVP does not take it.
    package var publicKey: PublicKey? {
        state.withLock { state in
            if let known = state.publicKey { return known }
            state.publicKey = try? PublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo)
            return state.publicKey
        }
    }

    /// Whether the key has a table now.
    package var hasTable: Bool { state.withLock { $0.table != nil } }

    /// The plan for the next `count` signatures. A table is made at once when far more signatures are expected than it
    /// must serve to pay for itself. Where that is not known, it is made when half of that number were verified without:
    /// so a signer never costs more than three times what the better choice would have, and one seen often hardly more.
    func plan(for count: Int, _ curve: CurveArithmetic, _ tables: TableBudget) -> Plan {
        let plan: Plan = state.withLock { state in
            if let table = state.table { return .table(table) }
            state.usesWithoutTable += count
            guard state.mayHaveTable, !state.isBuilding else { return .withoutTable }
            let breakEven = tables.isEager ? 0 : curve.costs.withLock { $0.breakEven }
            guard expectedUses >= breakEven * 4 || Double(state.usesWithoutTable) >= breakEven / 2 else {
                return .withoutTable
            }
            state.isBuilding = true
            return .build(width: curve.signerWidth(expectedUses: expectedUses))
        }
        switch plan {
        case .table: tables.touch(self)
        case .build(var width):
            // Wide tables may have one half of the room: however many signers there are, narrow ones find the other.
            if width > CurveArithmetic.usualWidth,
                !tables.isHalfEmpty(with: SignerTable.byteCount(on: curve, width: width))
            {
                width = CurveArithmetic.usualWidth
            }
            guard tables.reserve(SignerTable.byteCount(on: curve, width: width), for: self) else {
                finishBuilding(nil, mayTryAgain: true)
                return .withoutTable
            }
            return .build(width: width)
        case .withoutTable: break
        }
        return plan
    }

    /// Ends what `Plan.build` began.
    func finishBuilding(_ table: SignerTable?, mayTryAgain: Bool = false) {
        state.withLock { state in
            state.isBuilding = false
            state.table = table
            state.usesWithoutTable = 0
            state.mayHaveTable = table != nil || mayTryAgain
        }
    }

    /// Gives the table up to make room. Whoever computes with it at this moment keeps it until he is done.
    func dropTable() {
        state.withLock { state in
            state.table = nil
            state.usesWithoutTable = 0
        }
    }
}

/// How many tables there may be and how much memory they may take, and whose they are.
package final class TableBudget: Sendable {
    /// The most tables at a time.
    package let maximumCount: Int
    /// The most memory for all tables, in bytes.
    package let maximumByteCount: Int
    /// Whether every key gets a table at its first use, paying or not: for trying the tables.
    let isEager: Bool
    private let held = Mutex(Held())

    private struct Held {
        var tables: [ObjectIdentifier: Entry] = [:]
        var byteCount = 0
        var clock = 0
    }

    private struct Entry {
        let key: BatchKey
        let byteCount: Int
        var lastUse: Int
    }

    /// - Parameters:
    ///   - maximumCount: The most tables at a time.
    ///   - maximumByteCount: The most memory for all tables, in bytes.
    ///   - isEager: Whether every key gets a table at its first use, paying or not.
    package init(maximumCount: Int = 256, maximumByteCount: Int = 192 << 20, isEager: Bool = false) {
        self.isEager = isEager
        self.maximumCount = maximumCount
        self.maximumByteCount = maximumByteCount
    }

    /// How many tables there are, and what they take in bytes.
    package var usage: (count: Int, byteCount: Int) { held.withLock { ($0.tables.count, $0.byteCount) } }

    func touch(_ key: BatchKey) {
        held.withLock { held in
            held.clock += 1
            held.tables[ObjectIdentifier(key)]?.lastUse = held.clock
        }
    }

    /// Whether half of the memory is left when a table of so many bytes is made.
    func isHalfEmpty(with byteCount: Int) -> Bool {
        held.withLock { $0.byteCount + byteCount <= maximumByteCount / 2 }
    }

    /// Makes room for a table, if need be by giving up those that were not used for longest.
    func reserve(_ byteCount: Int, for key: BatchKey) -> Bool {
        guard maximumCount > 0, byteCount <= maximumByteCount else { return false }
        let dropped = held.withLock { held -> [BatchKey] in
            var dropped: [BatchKey] = []
            while held.tables.count >= maximumCount || held.byteCount + byteCount > maximumByteCount,
                let oldest = held.tables.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                held.tables[oldest.key] = nil
                held.byteCount -= oldest.value.byteCount
                dropped.append(oldest.value.key)
            }
            held.clock += 1
            held.tables[ObjectIdentifier(key)] = Entry(key: key, byteCount: byteCount, lastUse: held.clock)
            held.byteCount += byteCount
            return dropped
        }
        for key in dropped { key.dropTable() }
        return true
    }

    /// Gives back what `reserve` took, when no table came of it.
    func release(_ key: BatchKey) {
        held.withLock { held in
            guard let entry = held.tables.removeValue(forKey: ObjectIdentifier(key)) else { return }
            held.byteCount -= entry.byteCount
        }
    }
}
