use throughline_channel::folder::Folder;

use crate::support::file;

#[test]
fn a_file_appears_whole_and_is_readable_by_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let from = file(dir.path(), b"a,b\n1,2\n");
    let folder = Folder { path: dir.path().join("deep/er") };
    let place = folder.put("list.csv", &from).unwrap();
    assert_eq!(std::fs::read(&place).unwrap(), b"a,b\n1,2\n");
    let names: Vec<_> = std::fs::read_dir(&folder.path).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["list.csv"], "nothing partial stays");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    }
    folder.remove("list.csv").unwrap();
    folder.remove("list.csv").unwrap();
}
