/// The program's version (semver.org).
let bcvkVersion = "0.1.0"
