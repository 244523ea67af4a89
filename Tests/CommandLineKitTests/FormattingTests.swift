import Testing

@testable import CommandLineKit

@Suite struct TableTests {
  private var table: Table {
    var table = Table("operator", .number("count"), "domain")
    table.add("Conv", "31", "ai.onnx")
    table.add("Añadir", "1,024", "日本")
    table.addSeparator()
    table.add("all", "1,055", "")
    return table
  }

  @Test func alignsTextLeftAndNumbersRight() {
    #expect(
      table.lines() == [
        "operator  count  domain",
        "Conv         31  ai.onnx",
        "Añadir    1,024  日本",
        "────────  ─────  ───────",
        "all       1,055",
      ])
  }

  @Test func cutsTextAndNotNumbers() {
    var table = Table("node", .number("parameters"))
    table.add("stage2/block3/conv1/weight", "1,234,567")
    #expect(table.lines(width: 24) == ["node          parameters", "stage2/bloc…   1,234,567"])
  }
}

@Suite struct DisplayWidthTests {
  @Test(
    arguments: [
      ("abc", 3), ("", 0), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("🙂", 2), ("👨‍👩‍👧", 2),
      ("━╌…", 3), ("\u{1B}[1;31mred\u{1B}[0m", 3),
    ] as [(String, Int)])
  func countsColumns(text: String, width: Int) {
    #expect(text.displayWidth == width)
  }

  @Test func truncationMarksWhatIsMissing() {
    #expect("stage2".truncated(to: 6) == "stage2")
    #expect("stage2".truncated(to: 4) == "sta…")
    #expect("日本語".truncated(to: 4) == "日…")
    #expect("stage2".truncated(to: 0) == "")
  }
}

@Suite struct TextWrappingTests {
  @Test func fillsParagraphsAndKeepsIndentedLines() {
    let text = "one two three\nfour\n\n  kept   as is\nlast"
    #expect(text.wrapped(to: 9) == ["one two", "three", "four", "", "  kept   as is", "last"])
  }

  @Test func aLongWordStandsAlone() {
    #expect("a verylongword b".wrapped(to: 5) == ["a", "verylongword", "b"])
  }
}

@Suite struct QuantityTests {
  @Test func counts() {
    #expect(Quantity.count(0) == "0")
    #expect(Quantity.count(999) == "999")
    #expect(Quantity.count(1000) == "1,000")
    #expect(Quantity.count(-1_234_567) == "-1,234,567")
    #expect(Quantity.count(.min) == "-9,223,372,036,854,775,808")
  }

  @Test func compactCounts() {
    #expect(Quantity.compact(7) == "7")
    #expect(Quantity.compact(999) == "999")
    #expect(Quantity.compact(9_994) == "9.99k")
    #expect(Quantity.compact(469_000) == "469k")
    #expect(Quantity.compact(999_600) == "1.00M")
    #expect(Quantity.compact(12_345_678) == "12.3M")
  }

  @Test func sizes() {
    #expect(Quantity.bytes(12) == "12 B")
    #expect(Quantity.bytes(1_880_000) == "1.88 MB")
  }

  @Test func fractionsAndChanges() {
    #expect(Quantity.percent(0.01234, digits: 2) == "1.23 %")
    #expect(Quantity.change(from: 469, to: 321) == "-31.6 %")
    #expect(Quantity.change(from: 2, to: 3) == "+50.0 %")
    #expect(Quantity.change(from: 0, to: 3) == "–")
  }

  @Test func times() {
    #expect(Quantity.duration(.microseconds(12)) == "12.0 µs")
    #expect(Quantity.duration(.milliseconds(3.2)) == "3.2 ms")
    #expect(Quantity.duration(.seconds(12.44)) == "12.4 s")
    #expect(Quantity.duration(.seconds(125)) == "2:05 min")
    #expect(Quantity.duration(.seconds(3725)) == "1:02:05 h")
  }
}
