/// Text that is fit for a terminal.
public enum PrintableText {
    /// The text without what a terminal would act on rather than show: control characters of both sets, and the marks by which text
    /// changes its direction or hides. What images and guests say of themselves is a stranger's text.
    /// - Parameter lines: whether it may have line ends and tabs.
    public static func of(_ text: String, lines: Bool = false) -> String {
        // Nearly always there is nothing to leave out.
        guard text.unicodeScalars.contains(where: { !isPrintable($0) }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { isPrintable($0) || (lines && ($0 == "\n" || $0 == "\t")) }))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return false
        default: return true
        }
    }
}
