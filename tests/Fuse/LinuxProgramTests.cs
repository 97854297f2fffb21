using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

/// <summary>Programs of Linux that know nothing of this system use its files, while the disk's driver is crashed every 100 ms.</summary>
public sealed class LinuxProgramTests
{
    private const Need Needs = Need.Fuse | Need.E2fsprogs | Need.LinuxPrograms;

    [FactNeeding(Needs)]
    public void Git_CloneCommitGc_FsckFindsNothing()
    {
        using var mounted = new MountedSystem(128L << 20);
        mounted.Run("""
            cd $HOST; git init -q origin; cd origin; git config user.name a; git config user.email a@b
            for commit in $(seq 12); do
              mkdir -p folder$commit; seq $((commit * 3000)) > folder$commit/numbers; cp folder$commit/numbers latest
              git add -A; git commit -qm "commit $commit"
            done
            cd $MNT
            git clone -q $HOST/origin clone; cd clone; git fsck --strict
            git config user.name a; git config user.email a@b; git mv folder3 moved; git commit -qam moved
            git checkout -q -b other HEAD~4; git gc -q; git fsck --strict; git checkout -q -
            test -z "$(git status --porcelain)"; git diff --quiet HEAD; git diff --quiet HEAD~1 $(git -C $HOST/origin rev-parse HEAD)
            """);
        mounted.End();
    }

    [FactNeeding(Needs)]
    public void Tar_PackedAndUnpacked_TreeIsTheHosts()
    {
        using var mounted = new MountedSystem(128L << 20);
        mounted.Run("""
            mkdir $HOST/tree; cd $HOST/tree; mkdir -p a/b/c; seq 100000 > a/numbers; ln a/numbers a/b/again; ln -s ../numbers a/b/link
            for name in $(seq 300); do echo $name > a/b/c/$name; done; touch -d @1234567890.123456789 a/b/c/7; chmod 4711 a/b/c/8
            truncate -s 1M a/sparse; printf x > "a/b/$(printf 'n%.0s' $(seq 255))"
            cd $MNT
            tar -C $HOST -H posix -cf - tree | tar -xf -
            diff -r $HOST/tree tree
            listing() { (cd $1; find . -type f -printf '%P %m %n %T@ %s\n' -o -type l -printf '%P %l\n' | sort); }
            diff <(listing $HOST/tree) <(listing tree)
            tar -H posix -cf packed.tar tree; tar -df packed.tar; rm -r tree; tar -xf packed.tar; diff -r $HOST/tree tree
            """);
        mounted.End();
    }

    [FactNeeding(Needs | Need.CCompiler)]
    public void Make_ParallelBuildOfC_ProgramRuns()
    {
        using var mounted = new MountedSystem(64L << 20);
        string output = mounted.Run("""
            for unit in $(seq 12); do echo "int f$unit(void) { return $unit; }" > f$unit.c; done
            { for unit in $(seq 12); do echo "int f$unit(void);"; done; echo '#include <stdio.h>'
              echo 'int main(void) { printf("%d\n", 0'; for unit in $(seq 12); do echo "+ f$unit()"; done; echo '); }'; } > main.c
            { printf 'program: %s\n\tgcc -o $@ $^\n' "$(echo f{1..12}.o main.o)"; printf '%%.o: %%.c\n\tgcc -O1 -c $<\n'; } > Makefile
            make -s -j4; ./program; make -q; touch f3.c; ! make -q
            """);
        Assert.Equal("78\n", output);
        mounted.End();
    }

    [FactNeeding(Needs)]
    public void Sqlite_TransactionsInEachJournalMode_PassTheIntegrityCheck()
    {
        using var mounted = new MountedSystem(64L << 20);
        string output = mounted.Run("""
            fill() { echo "with recursive c(x) as (select 1 union all select x + 1 from c where x < $1) insert into t select x, hex(randomblob(40)) from c;"; }
            for mode in delete wal persist; do
              { echo "pragma journal_mode = $mode; create table t(a, b); create index i on t(b);"; for i in 1 2 3 4 5; do fill 600; done
                echo "update t set b = b || 'x' where a % 3 = 0; delete from t where a % 7 = 0; vacuum;"; } | sqlite3 $mode.db > /dev/null
              # Two writers at once: each finds the other's lock, and waits.
              for i in 1 2; do (for j in $(seq 8); do echo ".timeout 60000
            $(fill 20)"; done | sqlite3 $mode.db) & done; wait
              sqlite3 $mode.db "pragma integrity_check; select count(*) from t;"
            done
            """);
        Assert.Equal(string.Concat(Enumerable.Repeat("ok\n2895\n", 3)), output);
        mounted.End();
    }

    [FactNeeding(Needs)]
    public void Fio_RandomAndMappedAndDirectWrites_ReadBackVerified()
    {
        using var mounted = new MountedSystem(128L << 20);
        mounted.Run("""
            common="--size=8M --verify=crc32c --verify_fatal=1 --thread --allow_file_create=1 --end_fsync=1"
            fio --name=random $common --rw=randrw --bs=4k --ioengine=psync --numjobs=2 > /dev/null
            fio --name=mapped $common --rw=randwrite --bs=4k --ioengine=mmap > /dev/null
            fio --name=direct $common --rw=randwrite --bs=64k --direct=1 --ioengine=libaio --iodepth=8 > /dev/null
            fio --name=large $common --rw=write --bs=1M --ioengine=psync --invalidate=1 > /dev/null
            """);
        mounted.End();
    }

    [FactNeeding(Needs | Need.PythonAsRoot)]
    public void File_ChangedAtRandomAndThroughMaps_IsWhatTheChangesMake()
    {
        using var mounted = new MountedSystem(64L << 20);
        string program = Path.Combine(Repository.Root, "tests", "Fuse", "random_file.py");
        mounted.Run($"python3 {program} 1 100; [ $(stat -f -c %l .) = 255 ]; cp -a --sparse=always random copy; cmp random copy");
        mounted.End();
    }

    [FactNeeding(Needs | Need.CCompiler)]
    public void Client_SystemCallsOfLinux_AnswerAsTheManualPagesSay()
    {
        using var mounted = new MountedSystem(64L << 20);
        using (Stream source = typeof(LinuxProgramTests).Assembly.GetManifestResourceStream("fuse_client.c")!)
        using (FileStream file = File.Create(Path.Combine(mounted.HostFolder, "client.c")))
        {
            source.CopyTo(file);
        }

        // The program itself runs from the mount, too: it is mapped from there.
        mounted.Run("gcc -O1 -pthread -o client $HOST/client.c");
        foreach (string subcommand in new[] { "map", "nameless", "attributes", "locks", "threads", "sizes", "full", "extended" })
        {
            mounted.Run($"./client {subcommand}");
        }

        mounted.End();
    }
}
