using System.Diagnostics;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The same command here and in the host's shell with its utilities: same output, same status.</summary>
public sealed class HostComparisonTests
{
    public static TheoryData<string> Grammar() => new()
    {
        "echo 'a  b' \"c  d\" e\\ f a''b",
        "x=1; echo $x ${x}2 \"$x\" '$x' \\$x",
        "x='a  b'; echo $x; echo \"$x\"",
        "true && echo yes || echo no; false && echo yes || echo no",
        "false; echo $?; true; echo $?; ! true; echo $?; ! false; echo $?",
        "exit 3",
        "(exit 4); echo $?",
        "if true; then echo a; elif true; then echo b; else echo c; fi",
        "if false; then echo a; elif true; then echo b; else echo c; fi",
        "for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done",
        "i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 3 ] && break; echo $i; done",
        "i=0; until [ $i -ge 3 ]; do i=$((i+1)); done; echo $i",
        "for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done",
        "case hello in h*o) echo match;; *) echo none;; esac; case x in a|x) echo two;; esac; case y in x) ;; esac; echo $?",
        "f() { echo \"$1-$2-$#\"; return 7; }; f a 'b c'; echo $?",
        "f() { x=2; }; x=1; f; echo $x; (x=3); echo $x",
        "echo $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((7%3)) $((-7/2)) $((1<<4)) $((5>3)) $((5&3)) $((5|3)) $((5^3)) $((!0))",
        "x=5; echo $((x*2)) $((x+=3)) $x $((x>7?1:2)) $((0x1f)) $((010))",
        "echo ${u-default} ${u:-d2} ${u:=set} $u ${u:+alt} ${n:+alt}.",
        "p=/a/b/c.txt; echo ${p##*/} ${p%/*} ${p%.*} ${p#*/} ${p%%/*} ${#p}",
        "echo $(echo a; echo b) `echo c` \"$(printf 'x\\n\\n' 2>/dev/null || echo x)\"",
        "echo a | cat | cat; echo $?; false | true; echo $?; true | false; echo $?",
        "{ echo a; echo b; } | cat; (echo c; echo d) | wc -l",
        "seq 5 | while read x; do echo \"<$x>\"; done",
        "echo 'a b c' | { read x y; echo \"$y,$x\"; }",
        "echo one > f; echo two >> f; cat < f; cat f f > g; wc -l < g",
        "echo err 1>&2 2>/dev/null; ls nothere 2>/dev/null; echo $?",
        "{ echo out; echo err >&2; } > f 2>&1; cat f",
        "cat <<EOF\nline $((1+1))\n  'quoted' $HOME_UNSET end\nEOF",
        "cat <<'EOF'\nline $((1+1)) $x\nEOF",
        "cat <<-EOF\n\tindented\n\tEOF\necho after",
        "mkdir d; cd d; touch b a .h 'c d'; echo *; echo ? [ab]; echo .h* x*; echo 'a'*; echo \"*\"",
        "set -- a 'b c' d; echo $# \"$2\"; shift; echo \"$*\"; for i in \"$@\"; do echo \"[$i]\"; done; for i; do echo $i; done",
        "set -- ; echo \"$@\" $#; IFS=:; x=a:b::c; set -- $x; echo $#; echo \"$*\"",
        "# comment\necho a # b\necho a#b",
        "echo a \\\n b; echo 'multi\nline'",
        "eval 'x=1; echo $x'; x='echo hi'; $x; eval \"$x there\"",
        "set -e; false || true; echo still; false; echo never",
        "x=$(exit 5); echo $?; x=$(false) || echo failed",
        "sh -c 'echo $0 $1' name arg; sh -c 'exit 9'; echo $?",
        "nosuchcommand 2>/dev/null; echo $?; cat nosuch 2>/dev/null; echo $?",
        "a=1 b=2; echo $a$b; a=$b b=$a; echo $a$b",
        "unset x; echo \"[${x}]\"; x=; echo \"[${x-unset}]\" \"[${x:-empty}]\"",
        "sleep 0 & wait; echo done; (exit 3) & wait $!; echo $?",
        "while read line; do echo \"got $line\"; done < /dev/null; echo $?",
        "test -n a -a -z ''; echo $?; [ a = b -o 1 -lt 2 ]; echo $?; [ ! -e nope ]; echo $?; [ ]; echo $?; [ x ]; echo $?",
        "x='*'; touch y; echo \"$x\"; echo $x",
        "echo a;echo b&&echo c",
        "if [ -f nope ]; then :; fi; echo $?",
        "{ exit 2; }; echo never",
        "umask 027; touch m; mkdir n; stat -c '%a %n' m n",
        "x=1; env | grep '^x='; export x; env | grep '^x='; x=2; env | grep '^x='; y=3 env | grep '^y='; echo \"[$y]\"; export y=4 z; env | grep '^[yz]='; z=5; env | grep '^z='",
        "export A=1; sh -c 'echo $A; A=2; sh -c \"echo \\$A\"'; (echo $A; A=3; env | grep '^A='); B=2 sh -c 'echo $A$B'; unset A; sh -c 'echo [$A]'; env -i C=1 sh -c 'echo $A$C'",
        "env -i A=1 B=2; env -i A=1 A=2 env -u A; env -i nosuchcommand 2>/dev/null; echo $?; env -i false; echo $?; env -i A=1 sh -c 'export -p' | grep A=",
        "readonly x=1; readonly -p | grep x=; echo $x; (x=2) 2>/dev/null; echo $?; (unset x) 2>/dev/null; echo $?; x=3; echo never",
        "f() { local a b=2; echo \"[$a$b]\"; a=1; g; echo $a; }; g() { echo $a; a=7; }; a=out; f; echo \"$a[$b]\"; h() { local a; h2; }; h2() { echo \"$a\"; }; h",
        "printf 'a%sb%cc\\n' one two; printf '%d %i %u\\n' 1 -2 3 4; printf '%5d|%-5d|%05d|%+d|% d\\n' 42 42 42 42 42; printf '%x %X %o %#x %#o\\n' 255 255 8 255 8; printf '%.3d|%6.3d\\n' 7 7",
        "printf '%s|%5s|%-5s|%.2s\\n' abc abc abc abc; printf '%b|%s\\n' 'a\\tb\\101\\0101' 'a\\tb'; printf '\\101\\x\\\\\\n'; printf '%b' 'x\\cy' z; echo; printf '%*d|%-*d|%.*s\\n' 4 1 4 1 2 abc",
        "printf '%s-%s\\n' a b c; printf 'none\\n' a b; printf '%d\\n' 0x1f 010 \"'A\" -0x10; printf '%d\\n' 12x 2>/dev/null; echo $?; printf '%s\\n'; printf '%d\\n' 2>&1; printf %%",
        "set -- -a -bval -c val2 -ad x -y; while getopts ab:c:d o; do echo \"$o[$OPTARG]\"; done; echo $?; shift $((OPTIND - 1)); echo \"$*\"; OPTIND=1; getopts a o -a; echo $o",
        "while getopts :ab: o -z -a -b; do echo \"$o[$OPTARG]\"; done; OPTIND=1; while getopts ab: o -z -a -b 2>/dev/null; do echo \"$o[$OPTARG]\"; done; getopts a o -- -a; echo $?$o",
        "trap 'echo bye $?' EXIT; trap; echo hi; (echo sub); false",
        "trap 'echo never' EXIT; trap - EXIT; trap 'echo first; exit 5' 0 INT; exit 3",
        "sh -c 'trap \"echo end\" EXIT; f() { exit 4; }; f; echo never'; echo $?; sh -c 'trap \"echo end\" EXIT; set -e; false; echo never'; echo $?",
        "case b in [[:digit:]]) echo digit;; [[:lower:]]) echo lower;; esac; touch a1 b2 C3 .x; echo [[:upper:]]* *[![:alpha:]] [a[:digit:]b]*; x=abc123; echo ${x%%[[:digit:]]*}",
    };

    public static TheoryData<string> Utilities() => new()
    {
        "cat nope; cat . ; cat nope/x",
        "echo 1 > f; cat f >> f; echo $?; cat < f >> f; echo $?; cat f; cat f > f; echo $?; cat f",
        "touch 'a\nb' 'c\\d' e; sha256sum a* c* e > l; cat l; sha256sum -c l; echo '\\x  y' | sha256sum -c",
        "echo abc > f; cp f g; cp f f; cp nope g; cp f nope/x; cp f; cp",
        "mkdir a; cp a b; cp -r a b; ls -d b; cp -r a b; ls b",
        "mkdir -p a/b/c; echo 1 > a/b/f; ln -s f a/b/l; cp -r a z; ls -R z; cat z/b/l; cp -r a a/b",
        "mkdir d; mkdir d; mkdir x/y; mkdir; mkdir -p x/y/z x/y; ls -R x",
        "echo 1 > f; rm f; rm f; rm -f f; rm; rm -f; mkdir d; rm d; touch d/x; rm -r d; ls; rm ..; rm -r .",
        "mkdir d; touch d/f; rmdir d; rm d/f; rmdir d; rmdir d; mkdir -p a/b; rmdir -p a/b; ls",
        "echo 1 > f; ln f g; stat -c '%h %s %F' g; ln f g; ln -s f l; ln -s f l; ln -sf x l; stat -c %N l; ln nope q",
        "mkdir d e; echo 1 > f; mv f d; ls d; mv d/f e/g; mv d e; ls -R e; mv nope x; mv e e/y",
        "echo 1 > f; mkdir d; mv d f; mv f d; touch f; mkdir d/f2 ; mv -T f d; ls",
        "printf 2>/dev/null; echo 'one two' > f; echo three >> f; wc f; wc -l f; wc -w f; wc -c f; wc f f; "
            + "wc nope; wc < f; cat f | wc",
        "touch a; mkdir d; ls -1 nope a d; ls -d d a; ls -a d; ls -A d",
        "touch a; chmod 640 a; stat -c '%A %a' a; chmod u+x,go-r a; stat -c %A a; chmod a=r a; stat -c %A a; "
            + "chmod 4755 a; stat -c %A a",
        "seq 20 | head -n 3; seq 20 | tail -n 2; seq 5 | head -c 3; echo; seq 5 | tail -n +4; seq 3 | head -2; seq 4 | tail -c 4",
        "seq 3 > f; seq 3 > g; cmp f g; echo $?; echo 4 >> g; cmp f g; echo $?; seq 2 4 > h; cmp f h; echo $?",
        "seq 10 15; seq 5 -2 1; seq 3 1",
        "echo a | tee f g; cat f g; echo b | tee -a f > /dev/null; cat f",
        "echo -n abc | sha256sum; echo x > f; echo y > g; sha256sum f g > s; sha256sum -c s; echo z > f; "
            + "sha256sum -c s; rm g; sha256sum -c s",
        "sha256sum nope; sha256sum -c nope; echo bad | sha256sum -c",
        "mkdir -p t/u; touch t/a.c t/u/b.c t/u/d.h; find t -name '*.c'; find t -type d; find t -maxdepth 1; find nope",
        "dd if=/dev/zero of=z bs=1k count=3 status=none; stat -c %s z; echo abcdef > f; "
            + "dd if=f bs=2 skip=1 count=1 status=none; echo",
        "echo abcdef > f; echo -n XY | dd of=f bs=1 seek=2 conv=notrunc status=none; cat f; "
            + "echo -n Q | dd of=f bs=1 seek=3 status=none; cat f; echo",
        "seq 1000 > f; dd if=f bs=100 count=2 status=noxfer of=g; wc -c g; dd if=nope; dd bs=x",
        "true; echo $?; false; echo $?; sleep x; pwd > /dev/null; test 1 -eq 1; echo $?",
        "ls -z; cat -z; rm -z; wc -z; head -n x f; mkdir -z a",
        "echo a b; echo -n a; echo; echo -- a; echo -e 2>/dev/null",
        "ln -s loop loop; cat loop; ls loop; touch n; cat n/; ls n/x",
        "mkfifo p q; stat -c '%F %n' p q; mkfifo p; mkfifo; mkfifo -m 600 r; stat -c %a r; mkfifo nope/x; cat p & echo hi > p; wait",
        "ln -s a/b l; readlink l; readlink -n l; echo; touch f; readlink f; echo $?; readlink -v f nope; readlink; ln -s c m; readlink l m",
        "touch f; chown; chown 0; chown nosuchuser f; chown 0:nosuchgroup f; chgrp nosuchgroup f; chgrp; chown 0 nope; chgrp 0 nope; chown -z",
        "printf 2>/dev/null; seq 12 | sort; seq 12 | sort -r; seq 12 | sort -n | tail -1; seq 12 | sort -nr | head -2; sort nope; echo $?; sort -Y < /dev/null",
        "{ echo 'b 2'; echo 'a 10'; echo 'B 1'; echo 'a 10'; echo 'c -3'; echo 'd 1.5'; echo x; } > f; sort f; sort -u f; sort -k 2 f; sort -k 2n f; "
            + "sort -k 2,2nr f; sort -f f; sort -fu f; sort -n f; sort -k2b,2 f; sort -b -k 2 f",
        "{ echo b:2:x; echo a:10:y; echo c:10:; echo :; } > f; sort -t : -k 2 f; sort -t: -k2,2n f; sort -t: -k3 f; sort -t: -k2,2 -u f",
        "seq 3 > f; sort -c f; echo $?; echo 1 >> f; sort -c f; echo $?; sort -cu f; sort -r f -o f; cat f; sort -u f f; sort . 2>/dev/null; echo $?",
        "seq 30 | grep 1; seq 30 | grep -c 2; seq 30 | grep -v '[0-8]'; seq 30 | grep -n '^.0$'; seq 5 | grep 9; echo $?; seq 5 | grep -q 3; echo $?",
        "{ echo a.b; echo axb; echo 'a*b'; echo aab; echo AB; echo; echo 'a\\q'; echo 'x+y'; echo '(z)'; } > f; grep a.b f; grep 'a\\.b' f; grep -F a.b f; "
            + "grep 'a*b' f; grep 'a\\*b' f; grep -i ab f; grep '^$' f; grep -c '' f; grep -x aab f; grep -F '*' f; grep '[*]' f; grep 'a\\\\q' f; grep -E 'x\\+y' f; grep '(z)' f",
        "{ echo abab; echo ababab; echo ac; echo 'a|b'; echo 'a{2}'; echo aa; echo aaaa; echo '^x'; echo 'y$'; echo '*s'; } > f; grep '\\(ab\\)\\{3\\}' f; "
            + "grep -E '(ab){2,}' f; grep -E '^(a|b)+$' f; grep -x 'a\\{2\\}' f; grep -E '^a{2,3}$' f; grep 'a|b' f; grep 'ab\\|ac' f; grep -E 'ab|ac' f; grep 'a^\\|\\^x' f; "
            + "grep 'y$' f; grep 'y\\$' f; grep '*s' f; grep '^*s' f; grep -E '^.?c' f; grep 'a\\{2' f; grep '[[:upper:][:punct:]]' f; grep '[]^]' f; grep '[^a-b]' f",
        "echo one > f; echo two > g; grep o f g; grep -l o f g; grep -c e f g; grep -h t f g; grep o nope f; echo $?; grep -s o nope; echo $?; grep -q o f nope; echo $?; "
            + "grep -e one -n f; echo one | grep -H one; echo a | grep -c a -; mkdir d; grep x d; echo $?; grep -vx one f; grep 'on\ntw' f g",
        "for i in '\\(' 'a\\' '[[:nope:]]' '[b-a]' '\\(a\\{1'; do grep \"$i\" /dev/null; echo $?; done; grep '[' /dev/null 2> e; echo $?",
        "touch -d @1000 f; stat -c '%Y %y' f; touch g; touch -c h; ls",
    };

    [TheoryNeeding(Need.DebianShell)]
    [MemberData(nameof(Grammar))]
    [MemberData(nameof(Utilities))]
    public void Command_HereAndOnTheHost_DoesTheSame(string command)
    {
        using var rig = new PosixRig();

        Assert.Equal(RunOnHost(command), Normalize(rig.Shell(command)));
    }

    /// <summary>Quotes and the places of errors of the host's shell differ between shells; utilities' messages do not.</summary>
    private static CommandResult Normalize(CommandResult result) => result with
    {
        Error = string.Concat(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("sh: ", StringComparison.Ordinal) && !line.StartsWith("/bin/sh: ", StringComparison.Ordinal))
            .Select(line => line + "\n")),
    };

    private static CommandResult RunOnHost(string command)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-sh-").FullName;
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", command])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            };
            start.Environment["LC_ALL"] = "C";
            start.Environment["TZ"] = "UTC";
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return Normalize(new CommandResult(process.ExitCode, output, error.Result));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
