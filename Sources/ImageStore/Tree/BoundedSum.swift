extension Sequence<Int64> {
    /// The sum, or the largest number where it is more: files with holes may be as large as they say.
    func boundedSum() -> Int64 {
        reduce(0) { sum, next in
            let (total, isTooMuch) = sum.addingReportingOverflow(next)
            return isTooMuch ? .max : total
        }
    }
}
