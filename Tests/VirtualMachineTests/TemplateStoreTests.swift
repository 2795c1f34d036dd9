import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("The templates of a cache")
struct TemplateStoreTests {
    @Test("that nobody can read are removed with what they take, once they are old enough")
    func unreadable() throws {
        var pattern = Array("/tmp/bcvk-templates-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        defer { try? Files.removeTree(top) }
        let store = ImageStore(writingItself: top)
        let templates = TemplateStore(store)
        try store.makeTemplate(tree: "tree", key: "key", progress: { _ in }) {
            try Files.writeAtomically("of another version", to: $0.appending("template.json"))
            try Files.writeAtomically("a state", to: $0.appending("memory"))
        }
        let directory = store.templateDirectory(tree: "tree", key: "key")
        #expect(try templates.all().isEmpty)
        #expect(try templates.prune(all: true, olderThan: 3600, isTrial: false).isEmpty)
        for isTrial in [true, false] {
            #expect(Files.exists(directory))
            let removed = try templates.prune(all: false, olderThan: nil, isTrial: isTrial)
            #expect(removed.map(\.directory) == [directory] && removed.allSatisfy { $0.size > 0 })
        }
        #expect(!Files.exists(directory))
    }
}
