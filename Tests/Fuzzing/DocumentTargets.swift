import ContainerImage
import ImageAnalysis

/// The documents of an image, and what is read of the files in it.
let documentTargets: [String: FuzzTarget] = [
    "manifest": { bytes in
        let reader = DocumentReader(image: "fuzz")
        guard let manifest = try? reader.manifest(bytes) else { return }
        for layer in manifest.layers + [manifest.config] {
            promise(!layer.digest.hex.contains { $0 == "/" || $0 == "." }, "a digest that is no file name")
        }
    },
    "index": { bytes in
        let reader = DocumentReader(image: "fuzz")
        guard let index = (try? reader.index(bytes)) ?? nil else { return }
        _ = try? ResolvedImage.choose(.host, in: index, of: "fuzz", depth: 0)
    },
    "configuration": { bytes in
        let reader = DocumentReader(image: "fuzz")
        guard let configuration = try? reader.configuration(bytes) else { return }
        _ = configuration.platform.description
    },
    "engine-configuration": { bytes in
        _ = try? DocumentReader(image: "fuzz").decode(EngineConfiguration.self, bytes, what: "configuration")
    },
    "image-reference": { bytes in
        guard let reference = try? ImageReference(text(bytes)) else { return }
        promise(!reference.description.contains("\n"), "a reference of two lines")
        promise((try? ImageReference(reference.description)) == reference, "a reference changes by being read again")
    },
    "digest": { bytes in
        guard let digest = Digest(text(bytes)) else { return }
        promise(Digest(digest.description) == digest && !digest.hex.contains("/"), "a digest changes")
    },
    "os-release": { bytes in
        for (key, _) in OSRelease(text(bytes)).fields { promise(!key.contains("="), "a key with a value in it") }
    },
    "dpkg-status": { bytes in
        var versions: [String: String] = [:]
        DpkgDatabase.read(text(bytes), into: &versions)
        for (name, version) in versions {
            promise(!name.contains("\n") && !version.contains("\n"), "a field of two lines")
        }
    },
    "presets": { bytes in
        _ = Presets(text(bytes)).enables("ssh.service")
    },
]
