import CGraphviz

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads text in DOT, and numbers what it names in the order of the text.
///
/// By default Graphviz numbers by the addresses of names, and goes through clusters in that order: the same text then
/// gives another picture in every run. The reader has to live as long as the graph that it has read.
final class GraphReader {
  private let text: [UInt8]
  private var position = 0
  private var numbers: [String: Int] = [:]
  /// By number; nil for what has no name.
  private var names: [UnsafeMutablePointer<CChar>?] = []
  private let identifiers = UnsafeMutablePointer<Agiddisc_t>.allocate(capacity: 1)
  private let input = UnsafeMutablePointer<Agiodisc_t>.allocate(capacity: 1)
  private let context = UnsafeMutablePointer<Context>.allocate(capacity: 1)

  /// What Graphviz is given, with the way back behind it.
  private struct Context {
    var disciplines: Agdisc_t
    var reader: UnsafeMutableRawPointer
  }

  init(_ dot: String) {
    text = Array(dot.utf8)
  }

  deinit {
    for name in names { free(name) }
    identifiers.deallocate()
    input.deallocate()
    context.deallocate()
  }

  /// Nil where the text is no DOT; what is wrong with it, Graphviz reports.
  func read() -> UnsafeMutablePointer<Agraph_t>? {
    let reader = Unmanaged.passUnretained(self).toOpaque()
    identifiers.initialize(to: Self.identifierDiscipline)
    input.initialize(
      to: Agiodisc_t(
        afread: { GraphReader.from($0)?.readLine(into: $1, atMost: Int($2)) ?? 0 }, putstr: nil, flush: nil))
    context.initialize(
      to: Context(disciplines: Agdisc_t(mem: nil, id: identifiers, io: input), reader: reader))
    agsetfile(nil)
    return agread(reader, UnsafeMutableRawPointer(context).assumingMemoryBound(to: Agdisc_t.self))
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> GraphReader? {
    pointer.map { Unmanaged<GraphReader>.fromOpaque($0).takeUnretainedValue() }
  }

  /// As `fgets` does, but counts the bytes.
  private func readLine(into buffer: UnsafeMutablePointer<CChar>?, atMost size: Int) -> Int32 {
    guard let buffer, size > 1 else { return 0 }
    var count = 0
    while count < size - 1, position < text.count {
      let byte = text[position]
      buffer[count] = CChar(bitPattern: byte)
      position += 1
      count += 1
      if byte == UInt8(ascii: "\n") { break }
    }
    buffer[count] = 0
    return Int32(count)
  }

  // MARK: Numbers

  private static var identifierDiscipline: Agiddisc_t {
    Agiddisc_t(
      open: { _, disciplines in
        disciplines.map {
          UnsafeMutableRawPointer($0).assumingMemoryBound(to: Context.self).pointee.reader
        }
      },
      map: { state, _, name, number, creates in
        guard let reader = GraphReader.from(state), let number,
          let found = reader.number(of: name, creates: creates != 0)
        else { return 0 }
        number.pointee = numericCast(found)
        return 1
      },
      alloc: { _, _, _ in 0 },
      free: { _, _, _ in },
      print: { state, _, number in GraphReader.from(state)?.name(Int(truncatingIfNeeded: number)) },
      close: { _ in },
      idregister: { _, _, _ in })
  }

  private func number(of name: UnsafeMutablePointer<CChar>?, creates: Bool) -> Int? {
    let key = name.map { String(cString: $0) }
    if let key, let number = numbers[key] { return number }
    guard creates else { return nil }
    names.append(name.flatMap { strdup($0) })
    if let key { numbers[key] = names.count }
    return names.count
  }

  private func name(_ number: Int) -> UnsafeMutablePointer<CChar>? {
    names.indices.contains(number - 1) ? names[number - 1] : nil
  }
}
