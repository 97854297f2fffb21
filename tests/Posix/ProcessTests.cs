using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>How processes begin, end, and what they leave behind.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void Fault_OfAProgram_IsStatus139AndClosesItsFiles()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["bad"] = (context, system) =>
        {
            system.Open(context, "/f"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6);
            throw new InvalidOperationException("bug");
        };
        int holdsBefore = rig.Files.HoldCount;

        Assert.Equal("139\n", rig.Shell("bad; echo $?").Output);
        Assert.Equal(holdsBefore, rig.Files.HoldCount);
    }

    [Theory]
    [InlineData("sleep 1000")]
    [InlineData("sleep 1000 | cat")]
    public void Kill_OfAProcessWhereverItIs_EndsIt(string command)
    {
        using var rig = new PosixRig();

        CommandResult result = rig.Shell($"{command} & kill $!; wait $!; echo $?; kill -9 $! 2>&1");

        Assert.StartsWith("143\nkill: '", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Kill_OfAReaderOfAPipe_GivesBackWhatItHeld()
    {
        using var rig = new PosixRig();
        int holdsBefore = rig.Files.HoldCount;
        rig.Loader.Extra["reader"] = (context, system) =>
        {
            system.Open(context, "/f"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6);
            PipeEnds pipe = system.MakePipe(context).Value;
            return system.Read(context, pipe.ReadEnd, new byte[1]).Value;
        };

        Assert.Equal("137\n", rig.Shell("reader & sleep 0.01; kill -KILL $!; wait $!; echo $?").Output);
        Assert.Equal((holdsBefore, 0), (rig.Files.HoldCount, rig.Loader.RunningCount));
    }

    [Theory]
    [InlineData(0, 3, Errno.InvalidArgument)]
    [InlineData(999, 9, Errno.NoProcess)]
    [InlineData(-1, 9, Errno.NoProcess)]
    [InlineData(1, 9, Errno.NotPermitted)]
    [InlineData(1, 0, Errno.None)]
    public void Kill_OfOthers_AnswersAsPosixSays(int process, int signal, Errno expected)
    {
        using var rig = new PosixRig();

        rig.Run(context => Assert.Equal(expected, rig.System.Kill(context, process, signal).Error));
    }

    [Fact]
    public void WaitForChild_WithoutChildren_IsAnError()
    {
        using var rig = new PosixRig();

        rig.Run(context => Assert.Equal(Errno.NoChild, rig.System.WaitForChild(context, -1).Error));
    }

    [Fact]
    public void Zombie_UntilWaitedFor_IsListed()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int child = rig.System.Spawn(context, "false\0"u8, -1, -1, -1).Value;
            var listed = new ProcessStatus[10];
            rig.Await(context, inner => rig.System.ListProcesses(inner, listed).Value == 2 && listed[1].IsZombie);
            Assert.Equal((child, 1), (listed[1].ProcessId, listed[1].ParentId));

            Assert.Equal(new ExitStatus(child, 1), rig.System.WaitForChild(context, -1).Value);
            Assert.Equal(1, rig.System.ListProcesses(context, listed).Value);
        });
    }

    [Fact]
    public void Orphan_GoesToTheFirstProcessAndLeavesNoZombie()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["who"] = (context, system) =>
        {
            var listed = new ProcessStatus[10];
            rig.Await(context, inner => system.ListProcesses(inner, listed).Value == 2);
            return system.Write(context, 1, PosixRig.Bytes($"child of {listed[1].ParentId}\n")).IsOk ? 0 : 1;
        };

        rig.Shell("who &");
        rig.Run(context => rig.Await(context, inner => rig.System.ListProcesses(inner, new ProcessStatus[10]).Value == 1));

        Assert.Equal("child of 1\n", rig.Console.Output);
    }

    [Fact]
    public void Spawn_ThatFails_LeavesNothingBehind()
    {
        using var rig = new PosixRig();
        int holdsBefore = rig.Files.HoldCount;
        rig.Run(context =>
        {
            Assert.Equal(Errno.NoEntry, rig.System.Spawn(context, "nope\0"u8, 0, 1, 2).Error);
            rig.Loader.RunError = Errno.OutOfMemory;
            Assert.Equal(Errno.OutOfMemory, rig.System.Spawn(context, "true\0"u8, 0, 1, 2).Error);
            Assert.Equal(Errno.BadDescriptor, rig.System.Spawn(context, "true\0"u8, 77, 1, 2).Error);
            Assert.Equal(Errno.InvalidArgument, rig.System.Spawn(context, "true"u8, 0, 1, 2).Error);
            Assert.Equal(1, rig.System.ListProcesses(context, new ProcessStatus[10]).Value);
        });

        Assert.Equal(holdsBefore, rig.Files.HoldCount);
    }

    [Fact]
    public void Spawn_WithoutEnd_LeavesProcessesToOtherSessions()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            while (rig.System.Spawn(context, "sleep\01000\0"u8, -1, -1, -1).IsOk)
            {
            }

            Assert.Equal(Errno.TryAgain, rig.System.Spawn(context, "true\0"u8, -1, -1, -1).Error);
        });

        rig.RunSession(context => Assert.True(rig.System.Spawn(context, "true\0"u8, -1, -1, -1).IsOk));
    }

    /// <summary>Each process could open 256 files, and start another one that does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_ByAllProcessesOfASession_LeavesFilesAndPipesToOtherSessions(bool makesPipes)
    {
        using var rig = new PosixRig();
        Errno last = Errno.None;
        rig.Loader.Extra["opener"] = (context, system) =>
        {
            last = Errno.None;
            while (last == Errno.None)
            {
                last = makesPipes ? system.MakePipe(context).Error : system.Open(context, "/"u8, OpenFlags.Directory, 0).Error;
            }

            system.Sleep(context, long.MaxValue);
            return 0;
        };
        rig.Run(context =>
        {
            while (last != Errno.SystemFilesExhausted && rig.System.Spawn(context, "opener\0"u8, -1, -1, -1).IsOk)
            {
                rig.System.Sleep(context, 1000);
            }

            Assert.Equal(Errno.SystemFilesExhausted, last);
        });

        rig.RunSession(context =>
        {
            Assert.True(rig.System.Open(context, "/"u8, OpenFlags.Directory, 0).IsOk);
            Assert.True(rig.System.MakePipe(context).IsOk);
        });
    }

    [Fact]
    public void Shell_OnATerminal_PromptsAndGoesOnAfterErrors()
    {
        using var rig = new PosixRig();
        rig.Console.IsTerminalInput = true;

        CommandResult result = rig.Execute(["sh"], "echo a\n)\nfor i in 1 2\ndo echo $i\ndone\nexit 5\n");

        Assert.Equal(5, result.Status);
        Assert.Equal("$ a\n$ $ > > 1\n2\n$ ", result.Output);
        Assert.Equal("sh: Syntax error: \")\" unexpected\n", result.Error);
    }
}
