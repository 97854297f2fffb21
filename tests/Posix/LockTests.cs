using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Executors;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Record locks between processes (POSIX.1-2017, fcntl), and flock.</summary>
public sealed class LockTests
{
    private const OpenFlags CreateFlags = OpenFlags.ReadWrite | OpenFlags.Create;

    [Fact]
    public void Lock_OfAnotherProcess_IsInTheWayAndNamed()
    {
        using var rig = new PosixRig();
        RunWithChild(
            rig,
            (context, system) => (int)Lock(context, system, LockCommand.Set, LockType.Shared, 5, 1),
            (context, child) =>
            {
                Assert.Equal((int)Errno.TryAgain, child);
                var asked = new RecordLock { Type = LockType.Shared, Start = 0, Length = 0 };
                Assert.True(rig.System.LockRecord(context, 3, LockCommand.Get, ref asked).IsOk);
                Assert.Equal(LockType.Unlock, asked.Type);
            });
    }

    [Fact]
    public void Lock_BesideTheOther_IsFree()
    {
        using var rig = new PosixRig();
        RunWithChild(
            rig,
            (context, system) => (int)Lock(context, system, LockCommand.Set, LockType.Exclusive, 10, 5),
            (context, child) => Assert.Equal(0, child));
    }

    [Fact]
    public void Close_OfAnyDescriptorOfTheFile_GivesUpTheLocks()
    {
        using var rig = new PosixRig();
        RunWithChild(
            rig,
            (context, system) => (int)Lock(context, system, LockCommand.Set, LockType.Exclusive, 0, 10),
            (context, child) => Assert.Equal(0, child),
            context =>
            {
                int other = rig.System.Open(context, "/f"u8, OpenFlags.ReadOnly, 0).Value;
                rig.System.Close(context, other);
            });
    }

    [Fact]
    public void Unlock_OfTheMiddle_LeavesBothEnds()
    {
        using var rig = new PosixRig();
        RunWithChild(
            rig,
            (context, system) =>
                (Lock(context, system, LockCommand.Set, LockType.Exclusive, 4, 2) == Errno.None ? 1 : 0)
                + (Lock(context, system, LockCommand.Set, LockType.Exclusive, 3, 1) == Errno.TryAgain ? 2 : 0)
                + (Lock(context, system, LockCommand.Set, LockType.Exclusive, 6, 1) == Errno.TryAgain ? 4 : 0),
            (context, child) => Assert.Equal(7, child),
            context => Assert.Equal(Errno.None, Lock(context, rig.System, LockCommand.Set, LockType.Unlock, 4, 2)));
    }

    /// <summary>Parent and child have a byte each and ask for the other's: whoever asks last is refused, and makes way.</summary>
    [Fact]
    public void Wait_ThatWouldCloseACircle_IsADeadlock()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["child"] = (context, system) =>
        {
            system.Open(context, "/f"u8, OpenFlags.ReadWrite, 0);
            Lock(context, system, LockCommand.SetAndWait, LockType.Exclusive, 20, 1);
            Errno error = Lock(context, system, LockCommand.SetAndWait, LockType.Exclusive, 0, 1);
            return (int)error;
        };
        rig.Run(context =>
        {
            rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6);
            Assert.Equal(Errno.None, Lock(context, rig.System, LockCommand.Set, LockType.Exclusive, 0, 1));
            int child = rig.System.Spawn(context, "child\0"u8, -1, -1, -1).Value;
            while (Lock(context, rig.System, LockCommand.Set, LockType.Exclusive, 20, 1) == Errno.None)
            {
                Lock(context, rig.System, LockCommand.Set, LockType.Unlock, 20, 1);
                rig.System.Sleep(context, 1000);
            }

            // A child that is refused ends, which frees its byte.
            Errno here = Lock(context, rig.System, LockCommand.SetAndWait, LockType.Exclusive, 20, 1);
            Lock(context, rig.System, LockCommand.Set, LockType.Unlock, 0, 1);
            Errno there = (Errno)rig.System.WaitForChild(context, child).Value.Status;
            Assert.Equal([Errno.None, Errno.Deadlock], new[] { here, there }.Order());
        });
    }

    [Theory]
    [InlineData(-1, 1, SeekOrigin.Start, Errno.InvalidArgument)]
    [InlineData(5, -6, SeekOrigin.Start, Errno.InvalidArgument)]
    [InlineData(5, -5, SeekOrigin.Start, Errno.None)]
    [InlineData(long.MaxValue, 2, SeekOrigin.Start, Errno.Overflow)]
    [InlineData(long.MaxValue, 1, SeekOrigin.Start, Errno.None)]
    [InlineData(-3, 3, SeekOrigin.End, Errno.None)]
    [InlineData(-4, 3, SeekOrigin.End, Errno.InvalidArgument)]
    public void Lock_Range_IsCheckedAsPosixSays(long start, long length, SeekOrigin origin, Errno expected)
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6);
            rig.System.Write(context, 3, "abc"u8);
            var wanted = new RecordLock { Type = LockType.Exclusive, Start = start, Length = length, Origin = origin };

            Assert.Equal(expected, rig.System.LockRecord(context, 3, LockCommand.Set, ref wanted).Error);
        });
    }

    [Fact]
    public void WholeLock_OfAnotherDescription_IsInTheWay()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int one = rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6).Value;
            int two = rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6).Value;
            const FileLockOperation TryExclusive = FileLockOperation.Exclusive | FileLockOperation.NonBlock;
            Assert.True(rig.System.LockFile(context, one, FileLockOperation.Shared).IsOk);
            Assert.True(rig.System.LockFile(context, two, FileLockOperation.Shared).IsOk);
            Assert.Equal(Errno.TryAgain, rig.System.LockFile(context, one, TryExclusive).Error);
            rig.System.Close(context, two);

            Assert.True(rig.System.LockFile(context, one, TryExclusive).IsOk);
        });
    }

    /// <summary>The parent locks bytes 0 to 9 of /f, does what else is asked, and a child tries.</summary>
    private static void RunWithChild(PosixRig rig, ThreadProgram child, ChildCheck check, ThreadBody? before = null)
    {
        rig.Loader.Extra["child"] = (context, system) =>
        {
            system.Open(context, "/x"u8, CreateFlags, 0x1B6);
            system.Open(context, "/x"u8, CreateFlags, 0x1B6);
            system.Open(context, "/x"u8, CreateFlags, 0x1B6);
            system.Open(context, "/f"u8, OpenFlags.ReadWrite, 0);
            return child(context, system);
        };
        rig.Run(context =>
        {
            rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6);
            Assert.Equal(Errno.None, Lock(context, rig.System, LockCommand.Set, LockType.Exclusive, 0, 10));
            before?.Invoke(context);
            int id = rig.System.Spawn(context, "child\0"u8, -1, -1, -1).Value;
            check(context, rig.System.WaitForChild(context, id).Value.Status);
        });
    }

    private static Errno Lock(CallContext context, ISystem system, LockCommand command, LockType type, long start, long length)
    {
        var wanted = new RecordLock { Type = type, Start = start, Length = length };
        int descriptor = system.Control(context, 3, DescriptorCommand.GetDescriptorFlags, 0).IsOk ? 3 : 0;
        return system.LockRecord(context, descriptor, command, ref wanted).Error;
    }

    private delegate void ChildCheck(CallContext context, int status);
}
