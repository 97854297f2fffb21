using RedLeafSharp.Cli.Fuse;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

public sealed class NodeTableTests
{
    private const ulong RootInode = 2;

    private readonly NodeTable nodes = new(RootInode);

    [Fact]
    public void NodeOf_Root_IsTheProtocolsNumber()
    {
        Assert.Equal(1ul, nodes.NodeOf(RootInode));
        Assert.Equal(RootInode, nodes.InodeOf(1));
        Assert.Equal(12ul, nodes.NodeOf(12));
        Assert.Equal(12ul, nodes.InodeOf(12));
    }

    [Fact]
    public void Forget_HeldInode_EndsTheHoldWithTheLastReferenceOnly()
    {
        nodes.Refer(12);
        nodes.Refer(12);
        nodes.Refer(12);
        Assert.True(nodes.TryKeep(12));

        Assert.False(nodes.Forget(12, 2));
        Assert.Equal([12ul], nodes.Held);
        Assert.True(nodes.Forget(12, 1));
        Assert.Empty(nodes.Held);
        Assert.Equal(0, nodes.Count);
    }

    [Fact]
    public void Forget_InodeWithAName_EndsNoHold()
    {
        nodes.Refer(12);

        Assert.False(nodes.Forget(12, 1));
        Assert.Equal(0, nodes.Count);
    }

    [Fact]
    public void Forget_MoreThanThereIs_IsTheEndOfTheNode()
    {
        nodes.Refer(12);

        Assert.False(nodes.Forget(12, 100));
        Assert.False(nodes.Forget(12, 1));
        Assert.Equal(0, nodes.Count);
    }

    [Fact]
    public void TryKeep_InodeThatLinuxDoesNotKnow_IsRefused() => Assert.False(nodes.TryKeep(12));
}
