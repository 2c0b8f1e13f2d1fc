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
            let end = Self.startOfDay(lastDay) + 86_399
            traits.isExpired = now > end
            expiredOn = now > end ? end : nil
        }
        self.traits = traits
        issuedAt = holder.issueDate.map { Self.startOfDay($0) + 43_200 }
        if let range = walk.signingTime {
            guard let time = Self.time(record, range.lowerBound) else { return nil }
            signedAt = time
        } else {
            signedAt = nil
        }
    }

    /// `YYMMDDhhmmss`, in the years 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    private static func time(_ bytes: Span<UInt8>, _ start: Int) -> Double? {
        guard HolderWalk.areDigits(bytes, start, 12) else { return nil }
        let year = HolderWalk.number(bytes, start, 2)
        let (hour, minute, second) = (
            HolderWalk.number(bytes, start + 6, 2), HolderWalk.number(bytes, start + 8, 2),
            HolderWalk.number(bytes, start + 10, 2)
        )
        guard hour < 24, minute < 60, second < 60,
            let day = CalendarDate(
                year: year < 50 ? 2000 + year : 1900 + year, month: HolderWalk.number(bytes, start + 2, 2),
                day: HolderWalk.number(bytes, start + 4, 2))
        else { return nil }
        return startOfDay(day) + Double(hour * 3600 + minute * 60 + second)
    }

    /// Seconds from the start of 1970 to that of `date`, both in UTC.
    private static func startOfDay(_ date: CalendarDate) -> Double {
        // Years that begin in March end with the day that leap years add.
        let year = date.month > 2 ? date.year : date.year - 1
        let month = (date.month + 9) % 12
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day - 719_469
        return Double(days) * 86_400
    }
}
