import Document

/// A record of the form that nearly all have, taken apart where it stands.
struct PlainRecord {
    let files: RecordFiles
    let walk: SecurityObjectWalk
    let traits: LearnedDocument.Traits
    /// The document's code and issuing State in DG1.
    let documentKind: Range<Int>
    /// The end of the document's last day in seconds since 1970, if that has passed.
    let expiredOn: Double?
    /// The signing time in seconds since 1970, if EF.SOD tells it.
    let signedAt: Double?
    /// Noon of the day of issue in seconds since 1970, if DG13 tells it.
    let issuedAt: Double?

    /// - Parameters:
    ///   - record: Of a card archive.
    ///   - now: When it is judged, in seconds since 1970.
    init?(_ record: Span<UInt8>, _ tables: HolderTables, now: Double) {
        guard let files = RecordFiles(record), let sod = files.range(RecordFiles.sod),
            let dg1 = files.range(RecordFiles.dataGroup(1)), let dg13 = files.range(RecordFiles.dataGroup(13)),
            let walk = SecurityObjectWalk(record, sod),
            let holder = HolderWalk(record, dg1: dg1, dg13: dg13, tables)
        else { return nil }
        self.files = files
        self.walk = walk
        documentKind = dg1.lowerBound + 5..<dg1.lowerBound + 10
        var traits = LearnedDocument.Traits()
        traits.files = files.present
        traits.listed = walk.listed
        traits.isProvinceKnown = holder.isProvinceKnown
        traits.isExpiryLawful = holder.isExpiryLawful
        switch holder.expiry {
        case .never:
            traits.neverExpires = true
            expiredOn = nil
        case .date(let lastDay):
            let end = PlainTime.startOfDay(lastDay) + 86_399
            traits.isExpired = now > end
            expiredOn = now > end ? end : nil
        }
        self.traits = traits
        issuedAt = holder.issueDate.map { PlainTime.startOfDay($0) + 43_200 }
        if let range = walk.signingTime {
            guard let time = PlainTime.utc(record, range.lowerBound) else { return nil }
            signedAt = time
        } else {
            signedAt = nil
        }
    }
}
