import COpenSSL

/// Signatures on one curve that one thread collects and then judges together (FIPS 186-4, 6.4; SEC 1, 4.1.4).
///
/// Together, because the inverses of all their s cost one inversion and three multiplications each (Montgomery's trick).
@safe final class ECDSABlock {
    /// Signatures in a block.
    static let capacity = 256

    private let curve: CurveArithmetic
    private let numbers: NumberPool
    private let work: CurveWork
    private var jobs: [Job] = []
    private static let numbersPerJob = 4

    private struct Job {
        let key: BatchKey
        let ticket: Int
        let slot: Int
        /// For sorting: jobs of one key next to each other.
        let order: UInt
    }

    init(on curve: CurveArithmetic) throws(CryptoError) {
        self.curve = curve
        numbers = try NumberPool(count: Self.capacity * Self.numbersPerJob + 4)
        work = try unsafe CurveWork(on: curve, context: numbers.context)
        jobs.reserveCapacity(Self.capacity)
    }

    var isFull: Bool { jobs.count == Self.capacity }
    var isEmpty: Bool { jobs.isEmpty }

    private func r(_ slot: Int) -> OpaquePointer { unsafe numbers[slot * Self.numbersPerJob] }
    private func s(_ slot: Int) -> OpaquePointer { unsafe numbers[slot * Self.numbersPerJob + 1] }
    private func z(_ slot: Int) -> OpaquePointer { unsafe numbers[slot * Self.numbersPerJob + 2] }
    private func product(_ slot: Int) -> OpaquePointer { unsafe numbers[slot * Self.numbersPerJob + 3] }
    private func scratch(_ index: Int) -> OpaquePointer {
        unsafe numbers[Self.capacity * Self.numbersPerJob + index]
    }

    /// Takes a signature in, unless its form or its numbers are not right.
    ///
    /// - Parameters:
    ///   - key: Whose it must be, a key on this curve.
    ///   - signature: `Ecdsa-Sig-Value` in DER.
    ///   - hash: The hash of the message.
    ///   - ticket: Under which the answer is given.
    func add(
        _ key: BatchKey, signature: Span<UInt8>, hash: UnsafeBufferPointer<UInt8>, ticket: Int
    ) -> Bool {
        guard let (rRange, sRange) = ECDSASignatureValue.parse(signature) else { return false }
        let slot = jobs.count
        let (r, s, z) = unsafe (r(slot), s(slot), z(slot))
        let isRead = unsafe signature.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe BN_bin2bn(start + rRange.lowerBound, Int32(rRange.count), r) != nil
                && BN_bin2bn(start + sRange.lowerBound, Int32(sRange.count), s) != nil
        }
        let order = unsafe curve.order.modulus
        guard isRead, unsafe BN_is_zero(r) == 0, unsafe BN_is_zero(s) == 0, unsafe BN_cmp(r, order) < 0,
            unsafe BN_cmp(s, order) < 0
        else { return false }
        // The leftmost bits of the hash, as many as the order has.
        let count = min(hash.count, (curve.orderBitCount + 7) / 8)
        guard unsafe BN_bin2bn(hash.baseAddress, Int32(count), z) != nil else { return false }
        let excess = count * 8 - curve.orderBitCount
        if excess > 0, unsafe BN_rshift(z, z, Int32(excess)) != 1 { return false }
        if unsafe BN_cmp(z, order) >= 0, unsafe BN_sub(z, z, order) != 1 { return false }
        jobs.append(
            Job(key: key, ticket: ticket, slot: slot, order: UInt(bitPattern: ObjectIdentifier(key))))
        return true
    }

    /// Judges what was collected and empties the block. `answers` of a ticket becomes true when the signature is right.
    ///
    /// - Parameters:
    ///   - tables: The tables that may be made.
    ///   - answers: By ticket.
    ///   - isAcceptedByEVP: EVP's answer to the signature of a ticket, for checking a new table.
    func judge(_ tables: TableBudget, _ answers: inout [Bool], isAcceptedByEVP: (Int) -> Bool) {
        defer { jobs.removeAll(keepingCapacity: true) }
        guard !jobs.isEmpty, prepareScalars() else { return }
        jobs.sort { $0.order < $1.order }
        var start = 0
        while start < jobs.count {
            var end = start + 1
            while end < jobs.count, jobs[end].order == jobs[start].order { end += 1 }
            judge(start..<end, tables, &answers, isAcceptedByEVP)
            start = end
        }
    }

    /// Puts u1 = z/s in place of z, and u2 = r/s in place of the product.
    private func prepareScalars() -> Bool {
        let (order, context) = unsafe (curve.order, numbers.context)
        // Multiplying leaves out a factor R each time. The products are s₀ … sᵢ · R⁻ⁱ; the inverse of the last is brought
        // to Montgomery's form once, and with that each single inverse comes out of the way back in it.
        guard unsafe BN_copy(product(0), s(0)) != nil else { return false }
        for slot in 1..<max(1, jobs.count) {
            guard unsafe order.multiply(product(slot), product(slot - 1), s(slot), context) else { return false }
        }
        let inverse = unsafe scratch(0)
        guard unsafe BN_mod_inverse(inverse, product(jobs.count - 1), order.modulus, context) != nil,
            unsafe order.multiply(inverse, inverse, order.rSquared, context)
        else { return false }
        for slot in stride(from: jobs.count - 1, through: 1, by: -1) {
            guard unsafe order.multiply(product(slot), inverse, product(slot - 1), context),
                unsafe order.multiply(inverse, inverse, s(slot), context)
            else { return false }
        }
        guard unsafe BN_copy(product(0), inverse) != nil else { return false }
        for slot in 0..<jobs.count {
            guard unsafe order.multiply(z(slot), z(slot), product(slot), context),
                unsafe order.multiply(product(slot), product(slot), r(slot), context)
            else { return false }
        }
        return true
    }

    private func judge(
        _ range: Range<Int>, _ tables: TableBudget, _ answers: inout [Bool], _ isAcceptedByEVP: (Int) -> Bool
    ) {
        let key = jobs[range.lowerBound].key
        guard case .curve(_, let point) = key.arithmetic else { return }
        var table: SignerTable?
        switch key.plan(for: range.count, curve, tables) {
        case .table(let known): table = known
        case .withoutTable: break
        case .build(let width):
            table = build(for: jobs[range.lowerBound], point, width, isAcceptedByEVP)
            if table == nil { tables.release(key) }
            key.finishBuilding(table)
        }
        let start = ThreadClock.now
        for index in range {
            let job = jobs[index]
            answers[job.ticket] = isValid(job, point, table)
        }
        let seconds = ThreadClock.now - start
        curve.costs.withLock { costs in
            if table == nil {
                costs.withoutTable.add(seconds, for: range.count)
            } else {
                costs.withTable.add(seconds, for: range.count)
            }
        }
    }

    private func build(
        for job: Job, _ point: ECPoint, _ width: Int, _ isAcceptedByEVP: (Int) -> Bool
    ) -> SignerTable? {
        let start = ThreadClock.now
        guard let key = try? curve.sums.point(point.encoded),
            let table = try? unsafe SignerTable(key.pointer, on: curve, width: width, context: numbers.context)
        else {
            CryptoError.drainedQueue()
            return nil
        }
        guard isRight(table, job, key), isValid(job, point, table) == isAcceptedByEVP(job.ticket) else { return nil }
        curve.costs.withLock { $0.table.add(ThreadClock.now - start, for: 1) }
        return table
    }

    /// Whether sums from the table are those that OpenSSL computes without one: for the scalars of a job, and for the
    /// least and greatest.
    ///
    /// - Parameter point: The key, as a point of `curve.sums`.
    private func isRight(_ table: SignerTable, _ job: Job, _ point: ECPoint) -> Bool {
        let (u1, u2, context) = unsafe (z(job.slot), product(job.slot), numbers.context)
        let (one, largest) = unsafe (scratch(1), scratch(2))
        let group = unsafe curve.sums.pointer
        guard let expected = unsafe EC_POINT_new(group) else { return false }
        defer { unsafe EC_POINT_free(expected) }
        guard unsafe BN_copy(one, BN_value_one()) != nil, unsafe BN_sub(largest, curve.order.modulus, one) == 1 else {
            return false
        }
        let pairs = unsafe [(u1, u2), (one, one), (largest, one), (one, largest), (u2, u1)]
        return unsafe pairs.allSatisfy { a, b in
            unsafe EC_POINT_mul(group, expected, a, point.pointer, b, context) == 1
                && table.multiply(a, b, with: work) && EC_POINT_cmp(group, expected, work.sum, context) == 0
        }
    }

    private func isValid(_ job: Job, _ point: ECPoint, _ table: SignerTable?) -> Bool {
        let (u1, u2) = unsafe (z(job.slot), product(job.slot))
        if let table {
            return unsafe table.multiply(u1, u2, with: work) && hasX(r(job.slot), work.sum, curve.sums.pointer)
        }
        return unsafe EC_POINT_mul(curve.group, work.product, u1, point.pointer, u2, work.context) == 1
            && hasX(r(job.slot), work.product, curve.group)
    }

    /// Whether the point's x modulo the order is `r`: x = X/Z² is compared as X = r · Z², without an inversion; then again
    /// with r + n, which is the same modulo n, where that is still below p.
    private func hasX(_ r: OpaquePointer, _ point: OpaquePointer, _ group: OpaquePointer) -> Bool {
        guard let functions = unsafe CurveFunctions.loaded else { return false }
        let (field, context) = unsafe (curve.field, numbers.context)
        let (x, z, product, candidate) = unsafe (scratch(0), scratch(1), scratch(2), scratch(3))
        guard unsafe EC_POINT_is_at_infinity(group, point) == 0,
            unsafe functions.jacobian(group, point, x, nil, z, context) == 1,
            unsafe field.multiply(z, z, z, context), unsafe BN_copy(candidate, r) != nil
        else { return false }
        while unsafe BN_cmp(candidate, field.modulus) < 0 {
            guard unsafe field.multiply(product, candidate, field.rCubed, context),
                unsafe field.multiply(product, product, z, context)
            else { return false }
            if unsafe BN_cmp(product, x) == 0 { return true }
            guard unsafe BN_add(candidate, candidate, curve.order.modulus) == 1 else { return false }
        }
        return false
    }
}
