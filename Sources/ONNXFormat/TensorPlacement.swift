import TensorCore

/// Decides which initializers' data lies in the model file, and where the others' lies.
protocol TensorPlacement {
  /// Nil: in the model file.
  mutating func location(of storage: TensorStorage) -> ExternalLocation?
}

struct ExternalLocation: Equatable {
  /// Relative to the model's folder.
  var path: String
  var offset: Int
  var byteCount: Int
  /// Whether it is the file that the data came from, as it stands: what was said of it still holds.
  var isOriginal = false
}

/// All data in the model file.
struct EmbeddedPlacement: TensorPlacement {
  func location(of storage: TensorStorage) -> ExternalLocation? { nil }
}

/// Large data in one file beside the model, data that several tensors share only once.
struct DataFilePlacement: TensorPlacement {
  let fileName: String
  let minimumByteCount: Int
  private(set) var entries: [(offset: Int, storage: TensorStorage)] = []
  private var end = 0
  private var offsets: [Contents: Int] = [:]

  /// What makes two storages the same bytes without reading them.
  private enum Contents: Hashable {
    case memory(ObjectIdentifier)
    case file(ObjectIdentifier, Range<Int>)
  }

  init(fileName: String, minimumByteCount: Int) {
    self.fileName = fileName
    self.minimumByteCount = minimumByteCount
  }

  mutating func location(of storage: TensorStorage) -> ExternalLocation? {
    guard storage.byteCount >= max(minimumByteCount, 1) else { return nil }
    let contents =
      storage.mapping.map { Contents.file(ObjectIdentifier($0.file), $0.range) }
      ?? .memory(ObjectIdentifier(storage))
    let offset = offsets[contents] ?? place(storage)
    offsets[contents] = offset
    return ExternalLocation(path: fileName, offset: offset, byteCount: storage.byteCount)
  }

  /// Whole pages for what is worth mapping on its own, cache lines for the rest.
  private mutating func place(_ storage: TensorStorage) -> Int {
    let alignment = storage.byteCount >= 64 * 1024 ? 4096 : 64
    let offset = (end + alignment - 1) / alignment * alignment
    entries.append((offset, storage))
    end = offset + storage.byteCount
    return offset
  }
}

/// Mapped data stays in the file that it was mapped from, if that lies below `folder`; all else is embedded.
struct OriginalPlacement: TensorPlacement {
  private let folder: String
  private let minimumByteCount: Int
  /// Relative to `folder`: a file that is about to be replaced.
  private let excluded: String?
  /// By mapping; nil for files elsewhere, and for those that were replaced since.
  private var relativePaths: [ObjectIdentifier: String?] = [:]

  /// Nil where the folder does not exist.
  init?(folder: String, minimumByteCount: Int, excluding path: String? = nil) {
    guard let folder = FilePath.resolvingLinks(folder) else { return nil }
    self.folder = folder
    self.minimumByteCount = minimumByteCount
    excluded = path.flatMap(FilePath.resolvingLinks).flatMap { FilePath.relative($0, to: folder) }
  }

  mutating func location(of storage: TensorStorage) -> ExternalLocation? {
    guard storage.byteCount >= max(minimumByteCount, 1), let (file, range) = storage.mapping,
      let relative = relativePath(of: file), relative != excluded
    else { return nil }
    return ExternalLocation(
      path: relative, offset: range.lowerBound, byteCount: range.count, isOriginal: true)
  }

  private mutating func relativePath(of file: MappedFile) -> String? {
    if let known = relativePaths[ObjectIdentifier(file)] { return known }
    let relative =
      file.isCurrent
      ? FilePath.resolvingLinks(file.path).flatMap { FilePath.relative($0, to: folder) } : nil
    relativePaths[ObjectIdentifier(file)] = .some(relative)
    return relative
  }
}
