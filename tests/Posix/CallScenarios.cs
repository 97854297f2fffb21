namespace RedLeafSharp.Tests.Posix;

/// <summary>Scenarios of file calls, by name. The first word of a name is what the scenario is about.</summary>
internal static class CallScenarios
{
    private const string Tree = "mkdir d; open t f w,creat; write t hello; close t; symlink f lf; symlink d ld; symlink nowhere broken; "
        + "symlink l2 l1; symlink l1 l2; mkdir d/sub; mkfifo p; ";

    /// <summary>Links to the link before, as many as said: l2 to l1, and d2 to d1.</summary>
    private static string Chain(int count) =>
        string.Concat(Enumerable.Range(2, count - 1).Select(number => $"symlink l{number - 1} l{number}; symlink d{number - 1} d{number}; "));

    internal static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["open by name"] = Tree + "open a f r; open a missing r; open a f/x r; open a f/ r; open a d/ r; open a d w; open a d rw; "
            + "open a d r,creat; open a broken r; open a broken r,creat; lstat nowhere; open a l1 r; open a l1/x r; open a lf r,nofollow; "
            + "open a f r,dir; open a ld r,dir; open a d r,dir,creat; open a EMPTY r; open a NAME255 r; open a NAME256 r; open a NAME256/x r; "
            + "open a PATH4095 r; open a PATH4096 r; open a new/ w,creat; open a missing/x w,creat; open a lf w,creat,excl; open a f w,creat,excl",
        ["open modes"] = "umask 0; open a a w,creat 666; stat a; umask 077; open b b w,creat 777; stat b; umask 022; open c c w,creat 7777; stat c; "
            + "open d d r,creat 0; write d x; open e d rw; write e x; fstat e; read a 5; write c xx; stat c",
        ["open truncates"] = Tree + "open a f w,trunc; stat f; write a abc; open b f r,trunc; stat f; open c d r,trunc; open e lf w,trunc; open g p rw,trunc",
        ["open path"] = Tree + "open a f path; fstat a; read a 1; write a x; fchmod a 600; fchown a 0 0; ftruncate a 0; seek a 0 set; "
            + "open b d path; openat c b sub path,dir; openat e b ../f r; read e 5; open g lf path,nofollow; fstat g; fchdir b; getcwd; dup a h; "
            + "fstat h; setfl a append; fsync a; open i f path,dir",
        ["open at"] = Tree + "open a d r,dir; openat b a sub r,dir; openat c a new w,creat; write c x; stat d/new; "
            + "open g f r; openat h g x r; openat i 99 x r; openat j 99 /dev/null r; mkdirat a m; stat d/m; unlinkat a m dir; "
            + "unlinkat a new; unlinkat a new; rmdir d/sub; rmdir d; openat k a x w,creat; mkdirat a y; stat d",
        ["fifo without other side"] = "mkfifo p 666; open a p w,nonblock; open b p r,nonblock; read b 1; open c p w,nonblock; read b 1; write c hi; read b 9; "
            + "close c; read b 1; seek b 0 set; pread b 0 1; ftruncate b 0; fstat b; fsync b; open e p rw; write e zz; read e 2; close b; close e",
        ["pipe"] = "pipe r w; read r 1; write w abc; read r 2; read r 9; seek r 0 set; pread r 0 1; pwrite w 0 x; getfl r; getfl w; close w; read r 1; "
            + "pipe x y; close x; ftruncate y 0; fsync y; fallocate y 0 0 1; fchdir y; write r x; read y 1",
        ["read and write"] = "open a f rw,creat; write a 0123456789; read a 4; seek a 0 set; read a 4; pread a 2 3; read a 2; pread a 99 2; pwrite a 12 xy; "
            + "stat f; seek a 0 set; read a 99; write a EMPTY; pread a 0 0; pread a -1 1; pwrite a -1 x; read a 0; open d . r,dir; read d 1; pread d 0 1; read d 0",
        ["vectors"] = "open a f rw,creat; writev a abc,EMPTY,de; stat f; seek a 1 set; readv a 2,0,1,9; readv a 4,4; preadv a 0 1,1; preadv a 4 3,3; preadv a 99 1; "
            + "pwritev a 7 x,yz; stat f; seek a 0 cur; pwritev a 0 EMPTY; preadv a -2 1; pwritev a -2 x; readv a 0,0; open b f w,append; writev b 1,2; "
            + "stat f; readv b 1; open c f r; writev c x; readv 99 1; pipe r w; readv r 1; writev w ab,cd; readv r 1,9; preadv r 0 1; pwritev w 0 x; close r; writev w x,y; "
            + "open d . r,dir; readv d 1; writev d x",
        ["counts of zero"] = "open a f rw,creat; write a EMPTY; read a 0; pread a 9223372036854775807 0; stat f; open r f r; write r EMPTY; open w f w; read w 0; "
            + "pread w 0 0; write 99 EMPTY; read 99 0; open d . r,dir; read d 0; pipe x y; read x 0; write y EMPTY; close x; write y EMPTY; write y z",
        ["a file of 1 TiB"] = "open a f rw,creat; ftruncate a 1099511627776; stat f; pread a 1099511627775 9; pwrite a 1099511627770 abcdef; pread a 1099511627770 9; "
            + "pwrite a 549755813888 mid; seek a 0 data; seek a 549755813888 hole; seek a 549755817984 data; seek a -6 end; read a 9; write a more; stat f; "
            + "ftruncate a 549755813890; pread a 549755813888 9; seek a 0 data; fallocate a 3 549755813888 4096; pread a 549755813888 2; ftruncate a 0; stat f",
        ["paths at their limit"] = "open t f w,creat; open a PATH4095 r; open a PATH4096 r; open a PATH4097 r; mkdir PATH4096; stat PATH4097; unlink PATH4097; rename f PATH4097; "
            + "link f PATH4097; symlink f PATH4097; symlink PATH4097 l; truncate PATH4097 0; chdir PATH4097; readlink PATH4096; chmod PATH4096 0; access PATH4097 f; "
            + "mkdir NAME255; mkdir NAME255/NAME255; mkdir NAME255/NAME256; list NAME255; rename NAME255/NAME255 NAME255/NAME256; rmdir NAME255/NAME255",
        ["forty links"] = "open t f w,creat; write t hello; symlink f l1; symlink . d1; " + Chain(41)
            + "open a l40 r; open a l41 r; stat l40; stat l41; lstat l41; stat d40/f; stat d41/f; open a l41 w,creat; mkdir l41; unlink l41; stat l40",
        ["rename over an open file"] = "open a a rw,creat; write a old; open b b rw,creat; write b new; rename b a; pread a 0 9; pread b 0 9; fstat a; fstat b; stat a; write a more; "
            + "pread a 0 9; link a c; unlink a; fstat b; unlink c; fstat b; pwrite b 0 N; pread b 0 9; ftruncate b 100000; fstat b; fsync b; fchmod b 600; fstat b; list .",
        ["a removed directory that is open"] = "mkdir d; open d d r,dir; open f d/f w,creat; unlink d/f; rmdir d; openat x d y w,creat; fstat d; mkdirat d z; fchdir d; getcwd; stat .; "
            + "write f still; fstat f",
        ["append"] = "open a f w,creat,append; write a one; open b f w; write b X; write a two; seek a 0 set; write a three; seek a 0 cur; stat f; "
            + "open c f r; read c 99; getfl a; setfl a nonblock; getfl a; seek a 0 set; write a Z; stat f",
        ["seek"] = "open a f rw,creat; write a abcdef; seek a 0 cur; seek a -1 set; seek a -7 cur; seek a 2 end; seek a -6 end; seek a -7 end; "
            + "seek a 0 set; read a 1; seek a 0 data; seek a 0 hole; seek a 6 data; "
            + "seek a 6 hole; seek a -1 data; seek a 5 hole; open d . r,dir; seek d 0 set",
        ["holes"] = "open a f rw,creat; ftruncate a 1048576; seek a 0 data; seek a 0 hole; pwrite a 65536 x; seek a 0 data; seek a 0 hole; seek a 65536 hole; "
            + "seek a 69632 data; seek a 69632 hole; pread a 65536 3; pread a 100 3; stat f; ftruncate a 100; stat f; ftruncate a 70000; pread a 65536 2",
        ["truncate"] = Tree + "truncate f 2; stat f; open a f r; read a 9; truncate f 4; pread a 0 9; truncate f -1; truncate d 0; truncate missing 0; "
            + "truncate p 0; truncate lf 1; stat f; truncate f/x 0; ftruncate a 0; open b f w; ftruncate b 3; stat f; ftruncate b -1; open c d r; ftruncate c 0",
        ["truncate rights"] = "open a f w,creat 666; chmod f 444; ftruncate a 9; stat f; user 1000 1000; truncate f 0; ftruncate a 3; user 0; chmod f 6777; "
            + "user 1000 1000; truncate f 2; stat f",
        ["fallocate"] = "open a f rw,creat; fallocate a 0 0 8192; stat f; fallocate a 1 8192 8192; stat f; fallocate a 0 0 0; fallocate a 0 -1 1; fallocate a 0 0 -1; "
            + "fallocate a 0 9223372036854775807 1; pwrite a 0 abcdef; fallocate a 3 1 2; pread a 0 6; fallocate a 2 0 1; open b f r; fallocate b 0 0 1; "
            + "open d . r,dir; fallocate d 0 0 1; mkfifo p; open q p rw; fallocate q 0 0 1",
        ["sync"] = "open a f w,creat,sync; write a x; fsync a; fdatasync a; open b f w,dsync; write b y; open d . r,dir; fsync d; fdatasync d; close a; fsync a",
        ["descriptors"] = "close 99; close -1; read 99 1; write -1 x; seek 99 0 set; dup 99 a; open a f w,creat; dup a b; getfl a; write a 12; seek b 0 cur; "
            + "close a; write b 3; stat f; setfl b append; getfl b; fchdir b",
        ["mkdir"] = Tree + "mkdir d; mkdir f; mkdir broken; mkdir new/; mkdir f/x; mkdir missing/x; mkdir NAME255; mkdir NAME256; mkdir EMPTY; mkdir .; mkdir ..; mkdir /; "
            + "mkdir l1; mkdir ld/in; stat d; umask 0; mkdir m 7777; stat m; mkdir n 0; stat n; stat .",
        ["rmdir"] = Tree + "rmdir d; rmdir f; rmdir ld; rmdir ld/; rmdir missing; rmdir d/sub/; rmdir d/sub; rmdir f/x; rmdir EMPTY; rmdir d/.; mkdir x; rmdir x/..; "
            + "rmdir /; rmdir l1/x; rmdir NAME256; stat d; rmdir d; stat .",
        ["unlink"] = Tree + "unlink missing; unlink f/; unlink f/x; unlink lf/; unlink ld/; unlink EMPTY; unlink NAME256; link f g; stat f; unlink f; stat g; unlink p; "
            + "unlink broken; unlink l1; lstat l1; unlink lf; open a g rw; unlink g; fstat a; write a zz; fstat a; list .",
        ["link"] = Tree + "link f g; stat g; link f g; link missing h; link f missing/h; link f f/x; link d h; link lf llf; lstat llf; linkf lf flf; lstat flf; "
            + "linkf broken h; link broken bb; lstat bb; link p pp; lstat p; link f h/; link f NAME256; link f EMPTY; link EMPTY h; link f/ h; linkf l1 h; link f d",
        ["symlink"] = Tree + "symlink x f; symlink x broken; symlink x missing/y; symlink x f/y; symlink EMPTY e; symlink x EMPTY; symlink x NAME256; symlink PATH4096 e; "
            + "symlink x e/; symlink PATH4095 long; readlink lf; readlink ld/; readlink f; readlink d; readlink missing; readlink broken; readlink f/x; lstat lf; "
            + "readlink EMPTY; readlink NAME256",
        ["rename files"] = Tree + "rename missing x; rename f g; stat g; rename g d; rename g d/f; list d; rename d/f missing/x; rename d/f d/f; rename d/f x/; "
            + "rename d/f EMPTY; rename EMPTY x; rename d/f NAME256; link d/f same; rename same d/f; lstat same; rename lf k; lstat k; rename p q; lstat q; rename d/f/ z; "
            + "rename same/x z; rename l1/x z",
        ["rename directories"] = Tree + "mkdir e; rename d e; list e; rename e e/sub/x; rename e e; rename e f; rename f e; rename f e/; mkdir full; mkdir full/x; rename e full; "
            + "rename full/x e2/; stat e2; stat full; rename e/sub full/in; stat full; stat e; rename ld e; rename ld w; lstat w; rename / x",
        ["renameat2"] = Tree + "renameat2 f d 1; renameat2 f g 1; renameat2 missing x 1; renameat2 g d 2; stat g; stat d; renameat2 g missing 2; renameat2 g d 3; renameat2 g d 8; "
            + "renameat2 g g/sub 2; renameat2 g/sub g 2; mkdir e; renameat2 e g/sub 2; list g; stat .; renameat2 g/sub lf 2; lstat lf; lstat g/sub; renameat2 e e 1",
        ["chmod"] = Tree + "chmod f 0; stat f; chmod f 7777; stat f; chmod d 1777; stat d; chmod missing 0; chmod broken 0; chmod lf 640; stat f; chmod f/x 0; chmod l1 0; "
            + "open a f r; fchmod a 600; stat f; chmod p 600; lstat p; user 1000 1000; chmod f 777; fchmod a 777",
        ["chmod rights"] = "open a f w,creat; chown f 1000 2000; chmod f 2755; stat f; user 1000 1000; chmod f 2755; stat f; chmod f 4755; stat f; user 1000 1000 2000; "
            + "chmod f 2755; stat f; user 1001 2000; chmod f 777; user 0; mkdir d; chown d 1000 2000; user 1000 1000; chmod d 2775; stat d; chmod f 1644; stat f",
        ["chown"] = Tree + "chown f 1 2; stat f; chown f -1 3; stat f; chown f 4 -1; stat f; chown f -1 -1; stat f; lchown lf 7 8; lstat lf; stat f; chown missing 0 0; "
            + "chown broken 0 0; chown f/x 0 0; chmod f 6755; chown f 5 5; stat f; chmod f 6745; chown f 6 6; stat f; chmod d 6777; chown d 5 5; stat d; open a f r; fchown a 9 9; stat f",
        ["chown rights"] = "open a f w,creat; chown f 1000 1000; chmod f 6755; user 1000 1000 2000; chown f 1000 2000; stat f; chown f 1000 3000; chown f 1001 -1; chown f 1000 -1; "
            + "chown f -1 1000; stat f; user 1001 1001; chown f -1 1001; chown f 1000 -1; chown f -1 -1; user 1000 1000; chmod f 6755; chown f -1 -1; stat f",
        ["write clears set ids"] = "open a f w,creat; write a x; chown f 1000 1000; chmod f 6777; user 1001 1001; open b f w; write b y; stat f; user 0; chmod f 6777; write a z; stat f; "
            + "chmod f 6767; user 1001 1001; write b q; stat f",
        ["permissions of files"] = "open a f w,creat; chown f 1000 2000; chmod f 640; user 1000 1; open b f r; open b f rw; user 5 2000; open b f r; open b f w; user 5 5 2000; open b f r; "
            + "user 5 5; open b f r; user 0; chmod f 0; open b f rw; chmod f 404; user 1000 1; open b f r; user 5 5; open b f r; open b f r,trunc; open b f r,append",
        ["permissions of directories"] = "mkdir d 777; chown d 1000 1000; chmod d 700; open t d/f w,creat; close t; user 5 5; stat d/f; open a d/f r; list d; stat d; mkdir d/x; unlink d/f; "
            + "user 0; chmod d 711; user 5 5; stat d/f; list d; mkdir d/x; unlink d/f; rename d/f d/g; user 0; chmod d 744; user 5 5; list d; stat d/f; chdir d; "
            + "user 0; chmod d 773; user 5 5; mkdir d/x; list d; stat d/x; unlink d/f; user 1000 1000; rmdir d/x",
        ["sticky"] = "umask 0; mkdir d 777; chmod d 1777; chown d 10 10; user 1000 1000; open a d/f w,creat; mkdir d/x; close a; user 1001 1001; unlink d/f; rmdir d/x; rename d/f d/g; "
            + "rename d/x d/y; open b d/mine w,creat; rename d/mine d/f; user 10 10; unlink d/f; user 1000 1000; rename d/x d/y; rmdir d/y; user 1001 1001; unlink d/mine",
        ["set group directory"] = "umask 0; mkdir d 777; chown d 0 2000; chmod d 2777; user 1000 1000; mkdir d/s 755; stat d/s; open a d/f w,creat 2775; stat d/f; mkfifo d/p; stat d/p; "
            + "symlink x d/l; lstat d/l; open b d/g w,creat 2664; stat d/g; mkdir d/t 2700; stat d/t; user 1000 1000 2000; open c d/h w,creat 2775; stat d/h",
        ["rename rights"] = "umask 0; mkdir a 777; mkdir b 777; mkdir a/d 755; chown a/d 1000 1000; user 1001 1001; rename a/d b/d; rename a/d a/e; user 1000 1000; rename a/e b/d; "
            + "user 0; chmod b 755; user 1000 1000; rename b/d a/d; open x a/f w,creat; rename a/f b/f; rename a/f a/g; list a",
        ["access"] = Tree + "access f r; access f rw; access f x; access d x; access missing f; access f f; access broken f; access f/x f; chmod f 640; chown f 1000 1000; "
            + "user 5 5; access f w; eaccess f r; eaccess f f; access f x; eaccess d rx; eaccess d w; user 1000 1000; eaccess f rw; eaccess f x; chmod f 740; eaccess f x; access f x",
        ["access of directories"] = "mkdir d; open a d/f w,creat; chmod d 700; user 5 5; access d/f r; eaccess d/f r; eaccess d/f f; access d/f f",
        ["utime"] = "open a f w,creat; utime f 100 200; times f; utime f omit 300; times f; utime f 400 omit; times f; utime f omit omit; times f; utime f bad 0; utime f 0 bad; "
            + "utime missing 0 0; utime f -5 4294967296; times f; mkdir d; utime d 7 8; times d; utime f/x 0 0",
        ["utime rights"] = "open a f w,creat 666; chmod f 666; utime f 1 1; user 1000 1000; utime f 2 2; utime f now omit; utime f omit now; utime f now now; user 0; chmod f 444; "
            + "user 1000 1000; utime f now now; utime f 5 5; utime f omit omit; user 0; chown f 1000 0; user 1000 1000; utime f now now; utime f 5 6; times f",
        ["nodes"] = "mknod c c 600; lstat c; mknod b b; lstat b; mknod p p 640; lstat p; mknod f f; lstat f; mknod s s; lstat s; mknod c c; mknod missing/x p; mknod f/x p; "
            + "mknod x/ p; mknod EMPTY p; mknod NAME256 p; open a c rw; write a x; read a 1; open a s r; open a b r; user 1000 1000; mknod z c; user 0; chmod . 777; "
            + "user 1000 1000; mknod z c; mknod y p; mknod w f; lstat w; mkfifo y; mkfifo v 7777; lstat v; mknod u s",
        ["walk"] = Tree + "chdir d; getcwd; stat ../f; chdir sub; getcwd; chdir ../..; getcwd; chdir f; chdir missing; chdir ld; getcwd; chdir ..; getcwd; chdir EMPTY; "
            + "open a d r,dir; fchdir a; getcwd; open b ../f r; fchdir b; fchdir 99; stat ../d/../f; stat ..//f; stat ../f/..; stat ../f/.; stat ../lf/; stat ../ld/; lstat ../ld/",
        ["walk in a removed directory"] = "mkdir d; chdir d; open a . r,dir; rmdir ../d; stat .; stat ..; mkdir x; open b x w,creat; symlink x y; mkfifo z; fstat a; list .",
        ["links in paths"] = "mkdir d; symlink d a0; symlink a0 a1; symlink a1/../d a2; stat a2; symlink PATH4095 long; stat long; open t f w,creat; stat long; symlink /.. up; "
            + "symlink . self; stat self/self/self/f; lstat self/self; symlink self/f sf; open b sf r; symlink d/ ds; lstat ds/; rmdir ds/; mkdir ds/in; list d",
        ["list"] = "list .; mkdir b; open a a w,creat; symlink x c; mkfifo d; list .; list a; list missing; list b; user 5 5; list b; user 0; chmod b 711; user 5 5; list b",
        ["extended attributes"] = Tree + "getxattr f user.a; setxattr f user.a one; getxattr f user.a; setxattr f user.a two 1; setxattr f user.b x 2; setxattr f user.a two 2; getxattr f user.a; "
            + "setxattr f user.b y 1; listxattr f; removexattr f user.a; removexattr f user.a; listxattr f; setxattr missing user.a x; setxattr lf user.c z; getxattr f user.c; "
            + "setxattr f nope.a x; setxattr f user. x; setxattr d user.d v; listxattr d; setxattr p user.a x; getxattr p user.a; listxattr p; setxattr f user.e x 3",
        ["rights to extended attributes"] = "open a f w,creat 644; setxattr f user.a one; setxattr f trusted.t two; listxattr f; user 5 5; getxattr f user.a; setxattr f user.a x; removexattr f user.a; "
            + "setxattr f trusted.t x; getxattr f trusted.t; user 0; chmod f 600; user 5 5; getxattr f user.a; user 0; mkdir d; chmod d 1777; user 5 5; setxattr d user.a x",
        ["status of the file system"] = "namemax .; namemax missing; mkdir d; namemax d; open a f w,creat; namemax f; namemax f/x",
        ["parents count"] = "stat .; mkdir a; mkdir b; stat .; mkdir a/x; stat a; rename a/x b/x; stat a; stat b; rmdir b/x; stat b; open t t w,creat; rename t a/t; stat a; stat .",
    };
}
